/** `dawnpour bench gemm|step`: the speed of a device; each result is checked before its time counts. */
import { Command } from "commander";
import { benchmarkGemm } from "../../benchmark/gemm.js";
import { defaultShapes, gemmName, parseShapes } from "../../benchmark/gemm-shapes.js";
import type { BenchmarkOptions } from "../../benchmark/measure.js";
import { measureSeries } from "../../benchmark/series.js";
import { benchmarkStep, STEP_SHAPES, stepName } from "../../benchmark/step.js";
import type { Arithmetic } from "../../device/cpu/arithmetic.js";
import { type Device, type DeviceInfo, DeviceLimitError } from "../../device/device.js";
import { openDevice } from "../../device/open.js";
import { FLOATS, type Float } from "../../program/buffer.js";
import type { TuningEvent } from "../../tuning/event.js";
import { openTunedDevice, type TunedDevice } from "../../tuning/open.js";
import type { World } from "../../world/world.js";
import { note, print, printJson } from "../display/output.js";
import { asCalled } from "../invocation.js";
import { addDeviceOptions, arithmeticOption, choice, type DeviceOptions, deviceOf } from "../options.js";

interface BenchOptions extends DeviceOptions {
  readonly json?: boolean;
  readonly precision?: Float;
  readonly arithmetic?: Arithmetic;
  readonly shapes?: string;
  readonly tune: boolean;
}

interface Result {
  readonly name: string;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  readonly gflops: number;
}

/** What is measured, and how. */
interface Series<Case> {
  readonly cases: readonly Case[];
  readonly nameOf: (test: Case) => string;
  readonly measure: (device: Device, test: Case, options: BenchmarkOptions) => Promise<Result>;
}

export function benchCommand(world: World): Command {
  const gemm = addBenchOptions(
    new Command("gemm")
      .description("time matrix products: squares, and the products of the reference networks' training steps")
      .addHelpText("after", asCalled(GEMM_HELP)),
  ).option("--shapes <list>", "only these products: MxNxK,... with an optional :nt, :tn, :tt for transposed operands");
  gemm.action((options: BenchOptions) =>
    bench(world, options, {
      cases: options.shapes === undefined ? defaultShapes() : parseShapes(options.shapes),
      nameOf: gemmName,
      measure: (device, shape, how) => benchmarkGemm(device, world.clock, shape, how),
    }),
  );
  const step = addBenchOptions(
    new Command("step")
      .description("time whole training steps of the two reference networks at batches 128 and 1024")
      .addHelpText("after", asCalled(STEP_HELP)),
  );
  step.action((options: BenchOptions) =>
    bench(world, options, {
      cases: STEP_SHAPES,
      nameOf: stepName,
      measure: (device, shape, how) => benchmarkStep(device, world.clock, shape, how),
    }),
  );
  return new Command("bench")
    .description("measure this machine")
    .addHelpText("after", asCalled(HELP))
    .addCommand(gemm)
    .addCommand(step);
}

const GEMM_HELP = `
Squares of 512 to 8192 and every product of a training step, each in all four
transposes: some minutes. Ctrl-C ends it at any time.

  dawnpour bench gemm --shapes 512x512x512,1000x784x128:tn    seconds
  dawnpour bench gemm --device cpu --threads 1                one core`;

const STEP_HELP = `
Four cases, a minute or so on a CPU. Ctrl-C ends it at any time.

  dawnpour bench step --device cpu`;

const HELP = `
gemm takes some minutes, or seconds with --shapes; step a minute or so on a CPU.
Every result is checked before its time counts.

  dawnpour bench step
  dawnpour bench gemm --shapes 512x512x512`;

function addBenchOptions(command: Command): Command {
  return addDeviceOptions(command)
    .option("--no-tune", "use the default kernels of a WebGPU device (see `dawnpour tune --help`)")
    .optionsGroup("Benchmark:")
    .addOption(
      choice(
        "--precision <type>",
        "type of the operands; in a training step, type of batches and weights",
        FLOATS,
        "f32",
      ),
    )
    .addOption(arithmeticOption())
    .option("--json", "print one JSON line to stdout, and everything else to stderr");
}

async function bench<Case>(world: World, options: BenchOptions, series: Series<Case>): Promise<void> {
  const { cases, nameOf, measure } = series;
  const { precision = "f32", arithmetic, json } = options;
  const place = { ...deviceOf(options), arithmetic };
  const opened: TunedDevice = options.tune
    ? await openTunedDevice(world, place, warn)
    : { device: await openDevice(place) };
  const { device, tuner } = opened;
  const tune: BenchmarkOptions["tune"] = async (program) => tuner?.tune(program);
  const say = json ? note : print;
  try {
    say(`${device.info.name}   median [fastest - slowest]`);
    const results: Result[] = [];
    const reasons: string[] = [];
    for await (const outcome of measureSeries(cases, (test) => measure(device, test, { precision, tune }))) {
      if ("result" in outcome) results.push(outcome.result);
      else reasons.push(outcome.skipped);
      const line = "result" in outcome ? row(outcome.result) : skipped(nameOf(outcome.test), outcome.skipped);
      say(`${line}   ${results.length + reasons.length}/${cases.length}`);
    }
    if (results.length === 0) throw new DeviceLimitError(reasons[0]);
    if (json) {
      const figures = results.map(({ fastestMs: _fastest, slowestMs: _slowest, ...rest }) => rest);
      const how = { precision, arithmetic: arithmeticOf(device.info, precision) };
      printJson({ device: device.info.name, ...how, results: figures });
    }
  } finally {
    device.destroy();
  }
}

/** How products of operands of that precision are computed. */
function arithmeticOf({ arithmetic }: DeviceInfo, precision: Float): string {
  return (precision === "f16" ? undefined : arithmetic?.[precision]) ?? "fma";
}

const NAME_WIDTH = 56;

function row({ name, medianMs, fastestMs, slowestMs, gflops }: Result): string {
  const [median, fastest, slowest] = [medianMs, fastestMs, slowestMs].map((ms) => ms.toPrecision(4));
  const speed = `${gflops.toFixed(1).padStart(9)} GFLOP/s`;
  return `${name.padEnd(NAME_WIDTH)} ${median.padStart(8)} ms [${fastest} - ${slowest}] ${speed}`;
}

const skipped = (name: string, reason: string): string => `${name.padEnd(NAME_WIDTH)} skipped: ${reason}`;

function warn(event: TuningEvent): void {
  if (event.event === "warning") note(`warning: ${event.message}`);
}
