/** `dawnpour train`: from a data set's name to a trained, measured, saved autoencoder with a report. */
import { join } from "node:path";
import { Command, Option } from "commander";
import { UsageError } from "../error.js";
import { INITIALISERS } from "../model/initialiser.js";
import { OPTIMIZERS } from "../optimizer/optimizer.js";
import { SCHEDULES } from "../optimizer/schedule.js";
import { ACTIVATIONS, LOSSES } from "../program/op.js";
import { type TrainResult, train } from "../train.js";
import type { TrainingOptions } from "../training/config.js";
import { PRESETS, preset } from "../training/presets.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import {
  addDataOptions,
  addDeviceOptions,
  configOptions,
  type DeviceOptions,
  number,
  whole,
  wholes,
} from "./options.js";
import { Downloads, duration, Progress, print } from "./output.js";

interface TrainCommandOptions extends DeviceOptions {
  readonly data?: string;
  readonly preset?: string;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function trainCommand(world: World): Command {
  const command = new Command("train").description("train an autoencoder, measure it against PCA, write a report");
  addDataOptions(command, "default: mnist");
  addModelOptions(command);
  addOptimizerOptions(command);
  command
    .option("--batch <n>", "images a step (default: 128)", whole)
    .option("--epochs <n>", "passes over the training images (default: 10)", whole)
    .option("--steps <n>", "length in steps instead of epochs", whole)
    .option("--seed <n>", "seed of everything random (default: 0)", whole)
    .option("--evaluate-every <epochs>", "measure the test error so often (default: 1)", whole)
    .option("--checkpoint-every <epochs>", "save a checkpoint so often, and at the end (default: 1)", whole)
    .option("--keep <n>", "checkpoints kept (default: 3)", whole)
    .addOption(new Option("--preset <name>", "start from a named configuration").choices(Object.keys(PRESETS)))
    .option("--config <file>", "JSON file of these options in camel case; what is given here goes before it")
    .option("--out <dir>", "folder of the run (default: a new one under runs/)")
    .option("--resume", "go on with the run in --out, bit for bit as if it had never stopped");
  addDeviceOptions(command);
  return command
    .option("--json", "end stdout with one JSON line")
    .action((options: TrainCommandOptions) => runTrain(world, options));
}

function addModelOptions(command: Command): void {
  command
    .option("--layers <sizes>", "input, hidden and code sizes (default: the data's, then 1000,500,250,30)", wholes)
    .addOption(new Option("--activation <name>", "of the hidden layers (default: sigmoid)").choices(ACTIVATIONS))
    .addOption(new Option("--code-activation <name>", "of the code (default: linear)").choices(ACTIVATIONS))
    .addOption(
      new Option("--output-activation <name>", "(default: sigmoid for bce, linear for mse)").choices(ACTIVATIONS),
    )
    .addOption(new Option("--initialiser <name>", "of the weights (default: glorot)").choices(INITIALISERS))
    .addOption(
      new Option("--loss <name>", "binary cross-entropy or mean squared error (default: bce)").choices(LOSSES),
    );
}

function addOptimizerOptions(command: Command): void {
  command
    .addOption(new Option("--optimizer <name>", "(default: adam)").choices(OPTIMIZERS))
    .option("--lr <rate>", "learning rate (default: by optimizer, 0.001 for adam)", number)
    .option("--weight-decay <x>", "(default: 0, adamw 0.01)", number)
    .option("--momentum <x>", "of momentum and nesterov (default: 0.9)", number)
    .option("--beta1 <x>", "of adam and adamw (default: 0.9)", number)
    .option("--beta2 <x>", "of adam and adamw (default: 0.999)", number)
    .option("--rho <x>", "of rmsprop (default: 0.9) and adadelta (0.95)", number)
    .option("--epsilon <x>", "(default: 1e-8, adadelta 1e-6)", number)
    .addOption(new Option("--schedule <name>", "of the learning rate (default: constant)").choices(SCHEDULES))
    .option("--warmup <steps>", "steps of linear warm-up (default: 0)", whole)
    .option("--decay-every <steps>", "steps between the drops of schedule step (default: 1000)", whole)
    .option("--decay-factor <x>", "what the rate is multiplied by at each drop (default: 0.5)", number)
    .option("--lr-floor <x>", "fraction of the rate that cosine and linear end on (default: 0)", number)
    .option("--clip <norm>", "clip gradients to this global norm", number);
}

async function runTrain(world: World, options: TrainCommandOptions): Promise<void> {
  const config: TrainingOptions = {
    ...(options.preset ? preset(options.preset) : {}),
    ...(options.config ? await readConfig(world, options.config) : {}),
    ...configOptions({ ...options }),
  };
  const progress = new Progress(world.clock, process.stderr);
  const interrupt = onInterrupt(progress);
  try {
    const result = await train(config, {
      world,
      ...placeOf(options),
      signal: interrupt.signal,
      observer: progress.observe,
      onDownload: new Downloads(process.stderr).observe,
      onReady(dataset, device, out) {
        if (dataset.notice) print(`note: ${dataset.notice}`);
        print(`data    ${dataset.source}`);
        print(`device  ${device.name}`);
        print(`out     ${out}`);
      },
    });
    report(result, options.json === true);
    result.close();
  } finally {
    progress.close();
    interrupt.dispose();
  }
}

function placeOf({ device, adapter, threads, data, out, resume }: TrainCommandOptions) {
  return { device, adapter, threads, data, out, resume };
}

async function readConfig(world: World, path: string): Promise<TrainingOptions> {
  const text = new TextDecoder().decode(await explained("read", path, world.disk.read(path)));
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === "object" && config !== null && !Array.isArray(config)) return config;
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${(error as Error).message}`);
  }
  throw new UsageError(`${path}: must hold one JSON object of options, such as {"epochs": 5}`);
}

/** The first Ctrl-C asks the run to stop, with a checkpoint; the second ends the process at once. */
function onInterrupt(progress: Progress): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1);
    progress.line("stopping after the steps in flight, with a checkpoint; Ctrl-C again ends at once");
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return { signal: controller.signal, dispose: () => process.off("SIGINT", stop).off("SIGTERM", stop) };
}

function report(result: TrainResult, json: boolean): void {
  const { measures, folder, step, seconds, imagesPerSecond, parametersSha256, dataset, device, config } = result;
  if (!measures) {
    print(`stopped at step ${step}; go on with: dawnpour train --resume --out ${folder.path}`);
    return;
  }
  const { train, test, pca } = measures.errors;
  print("");
  print(`${result.model.name}: ${step} steps in ${duration(seconds)}, ${Math.round(imagesPerSecond)} images/s`);
  print(`test    SSE ${test.sse.toFixed(3)}   MSE ${test.mse.toFixed(6)}`);
  print(`train   SSE ${train.sse.toFixed(3)}   MSE ${train.mse.toFixed(6)}`);
  print(`PCA-${pca.components}  SSE ${pca.test.sse.toFixed(3)}   (test, as many components as the code has units)`);
  print(`report  ${join(folder.path, "report.html")}`);
  if (json) {
    const epochs = (step * config.batch) / dataset.train.count;
    const out = folder.path;
    const summary = { device: device.name, dataset: dataset.name, steps: step, epochs, seconds, imagesPerSecond };
    print(JSON.stringify({ ...summary, train, test, pca, parametersSha256, out }));
  }
}
