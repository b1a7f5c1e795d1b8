/**
 * `dawnpour tune`: races the kernels of a WebGPU device for the matrix products of a network, and keeps the winners.
 */
import { Command } from "commander";
import { UsageError } from "../../error.js";
import { FLOATS } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import { GradientRounds } from "../../strategies/rounds/gradient-rounds.js";
import { checkOptions, layerOptions, parseConfig, type TrainingConfig } from "../../training/config/config.js";
import { PRESETS, preset } from "../../training/config/presets.js";
import { modelFromConfig } from "../../training/from-config.js";
import type { GemmTuning, TuningEvent } from "../../tuning/event.js";
import { openTunedDevice } from "../../tuning/open.js";
import type { World } from "../../world/world.js";
import { note, print, printJson } from "../display/output.js";
import { asCalled } from "../invocation.js";
import {
  addDeviceOptions,
  addNetworkOptions,
  choice,
  configOptions,
  type DeviceOptions,
  deviceOf,
  refuseTwoValues,
  whole,
} from "../options.js";

interface TuneCommandOptions extends DeviceOptions {
  readonly preset?: string;
  readonly budget?: number;
  readonly json?: boolean;
}

export function tuneCommand(world: World): Command {
  const command = addNetworkOptions(new Command("tune"))
    .description("find the fastest kernels of a WebGPU device for a network, and store them for later runs")
    .addHelpText("after", asCalled(HELP))
    .option("--batch-size, --batch <n>", "images in a step (default: 128)", whole)
    .option("--shards, --parts <n>", "number of parts of every batch, which workers share (default: 1)", whole)
    .addOption(choice("--precision <type>", "type of batches and weights", FLOATS, "f32"))
    .addOption(choice("--preset <name>", "start from a named configuration", Object.keys(PRESETS)));
  return addDeviceOptions(refuseTwoValues(command))
    .optionsGroup("Tuning:")
    .option(
      "--budget <seconds>",
      "time for tuning; products that are left then keep their kernels (default: 15)",
      whole,
    )
    .option("--json", "print one JSON line to stdout, and everything else to stderr")
    .action((options: TuneCommandOptions) => tune(world, options));
}

const HELP = `
Only kernels that give the same bits as the default take part, so tuning makes a
run faster and changes nothing else. \`dawnpour train\` tunes a hardware GPU
by itself, once for each new product. On software adapters, and with workers on
any adapter, it uses only the kernels that this command has stored for the
network, batch, number of parts and precision. The CPU device needs no tuning:
the instruction set decides its kernels.

  dawnpour tune                                     the reference network
  dawnpour tune --layers 784,256,32 --batch 1024    another one`;

async function tune(world: World, options: TuneCommandOptions): Promise<void> {
  const given = checkOptions(configOptions({ ...options }), "command line");
  const config = parseConfig(layerOptions(options.preset ? preset(options.preset) : {}, given), "command line");
  const programs = stepPrograms(config);
  const say = options.json ? note : print;
  const { device, tuner } = await openTunedDevice(world, deviceOf(options), (event) => show(event, say));
  try {
    if (!tuner) {
      throw new UsageError(`${device.info.name} has nothing to tune: use a WebGPU device (--device webgpu)`);
    }
    say(`${device.info.name}   ${"default".padStart(32)}       best    gain`);
    const start = world.clock.now();
    const tunings = await tuner.tune(programs, { race: "all", seconds: options.budget });
    const seconds = (world.clock.now() - start) / 1000;
    say(`${seconds.toFixed(1)} s`);
    if (options.json) printJson({ device: device.info.name, seconds, results: tunings });
  } finally {
    device.destroy();
  }
}

const MNIST_PIXELS = 784;

/** Products of a training step of a configuration: without parts, of the whole batch. */
function stepPrograms(config: TrainingConfig): Program[] {
  const model = modelFromConfig(config, config.layers?.[0] ?? MNIST_PIXELS);
  return new GradientRounds({ model, config, steps: 1 }).programs();
}

function show(event: TuningEvent, say: (line: string) => void): void {
  if (event.event === "warning") note(`warning: ${event.message}`);
  else say(row(event.tuning));
}

/** `128x1000x784 nn f32 bias gelu    1.234 ms    1.001 ms   1.23x  subgroup 16x2 of 3` */
function row({ gemm, tile, defaultTile, raced, defaultMs, tileMs }: GemmTuning): string {
  const name = gemm.padEnd(44);
  if (defaultMs === undefined || tileMs === undefined) return `${name} not tuned: time was up`;
  const [before, after] = [defaultMs, tileMs].map((ms) => `${ms.toPrecision(4).padStart(8)} ms`);
  const gain = `${(defaultMs / tileMs).toFixed(2)}x`.padStart(7);
  return `${name} ${before} ${after} ${gain}  ${tile} of ${raced}${tile === defaultTile ? " (default)" : ""}`;
}
