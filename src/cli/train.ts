/** `dawnpour train`: from a data set's name to a trained, measured, saved autoencoder with a report. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { describeDataset } from "../data/describe.js";
import { DURATION_FORM, parseDuration } from "../distributed/duration.js";
import { UsageError } from "../error.js";
import { INITIALISERS } from "../model/initialiser.js";
import { OPTIMIZERS } from "../optimizer/optimizer.js";
import { SCHEDULES } from "../optimizer/schedule.js";
import { FLOATS } from "../program/buffer.js";
import { publishedResults } from "../report/published.js";
import { type TrainResult, train } from "../train.js";
import { AUGMENTATIONS, checkOptions, layerOptions, type TrainingOptions } from "../training/config.js";
import type { RunMeasures } from "../training/measures.js";
import { PRESETS, preset } from "../training/presets.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { commandLine } from "./command-line.js";
import {
  addDataOptions,
  addDeviceOptions,
  addNetworkOptions,
  choice,
  configOptions,
  type DeviceOptions,
  number,
  whole,
} from "./options.js";
import { Downloads, Progress, print, tuningLines } from "./output.js";
import { duration } from "./progress-line.js";
import { StatusView } from "./status-view.js";

interface TrainCommandOptions extends DeviceOptions {
  readonly dataset?: string;
  readonly data?: string;
  readonly otherData?: boolean;
  readonly preset?: string;
  readonly weights?: string;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly tensorboard?: boolean;
  readonly tune: boolean;
  readonly workers?: number;
  readonly devices?: string;
  readonly pipeline?: boolean;
  readonly faults?: string;
  readonly chaos?: string;
  readonly heartbeat?: number;
  readonly timeout?: number;
  readonly stepTimeout?: number;
  readonly restartPause?: number;
  readonly patience?: number;
}

export function trainCommand(world: World): Command {
  const command = new Command("train")
    .description("train an autoencoder, measure it against PCA, write a report")
    .addHelpText("after", HELP);
  addDataOptions(command, "default: mnist")
    .addOption(
      choice("--augment <how>", "shift: also every picture moved by one pixel to each side", AUGMENTATIONS, "none"),
    )
    .option("--standardise", "bring columns to one scale (default: those of tables with values outside [0, 1])")
    .option("--no-standardise", "take columns as they are");
  addNetworkOptions(command)
    .addOption(choice("--initialiser <name>", "of the weights", INITIALISERS, "glorot"))
    .option("--weights <path>", "begin with those of a safetensors file, as PyTorch saves them too, or of a run");
  addOptimizerOptions(command);
  addRunOptions(command);
  addDeviceOptions(command).option(
    "--no-tune",
    "take the default kernels of a WebGPU device (see `dawnpour tune --help`)",
  );
  addWorkerOptions(command);
  return command
    .optionsGroup("Output:")
    .option("--tensorboard", "write the curves for TensorBoard, too: tensorboard --logdir runs")
    .option("--json", "end stdout with one JSON line")
    .action((options: TrainCommandOptions) => runTrain(world, options));
}

const HELP = `
The folder of the run gets config.json, metrics.jsonl, checkpoints/ and
report.html. Ctrl-C stops the run with a checkpoint to resume from; Ctrl-C
again ends it at once.

  dawnpour train --preset hinton2006                     the reference network
  dawnpour train --preset hinton2006-long                as low as it goes
  dawnpour train --dataset a.npy --layers 256,64,8       on data of your own
  dawnpour train --resume --out runs/a --epochs 80       go on, for longer`;

function addOptimizerOptions(command: Command): void {
  command
    .optionsGroup("Optimizer:")
    .addOption(choice("--optimizer <name>", "update rule", OPTIMIZERS, "adam"))
    .option(
      "--lr <rate>",
      "learning rate (default: by loss and optimizer, 0.002 for adam; half of it with schedule constant)",
      number,
    )
    .option("--weight-decay <x>", "pull of the weights towards 0 (default: 0, adamw 0.01)", number)
    .option("--momentum <x>", "of momentum and nesterov (default: 0.9)", number)
    .option("--beta1 <x>", "of adam and adamw (default: 0.9)", number)
    .option("--beta2 <x>", "of adam and adamw (default: 0.999)", number)
    .option("--rho <x>", "of rmsprop (default: 0.9) and adadelta (0.95)", number)
    .option("--epsilon <x>", "keeps divisors from 0 (default: 1e-8, adadelta 1e-6)", number)
    .option("--clip <norm>", "clip gradients to this global norm (default: 1 for mse)", number)
    .addOption(choice("--schedule <name>", "of the learning rate", SCHEDULES, "cosine"))
    .option("--warmup <steps>", "steps of linear warm-up (default: 0)", whole)
    .option("--decay-every <steps>", "steps between the drops of schedule step (default: 1000)", whole)
    .option("--decay-factor <x>", "what the rate is multiplied by at each drop (default: 0.5)", number)
    .option("--lr-floor <x>", "fraction of the rate that cosine and linear end on (default: 0)", number);
}

function addWorkerOptions(command: Command): void {
  command
    .optionsGroup("Workers (their number and their failures do not change the result):")
    .option(
      "--workers <n>",
      "number of workers: on the devices named, else on every hardware GPU, else on the CPU",
      whole,
    )
    .option(
      "--devices <list>",
      "their devices: cpu, cpu:THREADS, gpu, names or UUIDs (see `dawnpour devices`), each *N",
    )
    .option("--pipeline", "split the model over the devices: encoder, bottleneck, decoder; shards are micro-batches")
    .option("--shards <n>", "parts of every batch that workers share (default: one each, 1 without workers)", whole)
    .option(
      "--faults <list>",
      'what is to fail, as a list or a file: "kill worker-1 at step 200; lose device-0 at 30s"',
    )
    .option("--chaos <how>", "random faults, from the seed: mtbf=30s[,kinds=kill+hang+...][,hang=2s]")
    .option("--heartbeat <time>", "between two signs of life of a worker (default: 400ms)", time)
    .option("--timeout <time>", "silence after which a worker is ended and started again (default: 1.5s)", time)
    .option("--step-timeout <time>", "the same, of a worker that lives and does not come to an end (default: 1m)", time)
    .option("--restart-pause <time>", "longest pause before a new start (default: 3s)", time)
    .option("--patience <time>", "time that a worker waits for a lost coordinator (default: 20s)", time);
}

/** Milliseconds. */
function time(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError(`"${text}": ${DURATION_FORM}.`);
  return milliseconds;
}

function addRunOptions(command: Command): void {
  command
    .optionsGroup("Run:")
    .option("--batch <n>", "images a step (default: 128, fewer of less than 51200)", whole)
    .addOption(choice("--precision <type>", "of batches and weights; parameters stay f32", FLOATS, "f32"))
    .option("--epochs <n>", "passes over the training images (default: 10, more of few images)", whole)
    .option("--steps <n>", "length in steps instead of epochs", whole)
    .option("--seed <n>", "seed of everything random (default: 0)", whole)
    .option("--evaluate-every <epochs>", "how often to measure the test error (default: 1)", whole)
    .option(
      "--checkpoint-every <epochs>",
      "how often to save a checkpoint; there is one at the end (default: 1)",
      whole,
    )
    .option("--keep <n>", "checkpoints kept (default: 3)", whole)
    .addOption(choice("--preset <name>", "start from a named configuration", Object.keys(PRESETS)))
    .option("--config <file>", "JSON file of these options in camel case; the command line overrides it")
    .option("--out <dir>", "folder of the run (default: a new one under runs/)")
    .option("--resume", "go on with the run in --out, bit for bit as if it had never stopped");
}

async function runTrain(world: World, options: TrainCommandOptions): Promise<void> {
  const file = options.config ? await readConfig(world, options.config) : {};
  const config = layerOptions(
    options.preset ? preset(options.preset) : {},
    file,
    checkOptions(configOptions({ ...options, initial: options.weights }), "command line"),
  );
  const progress = new Progress(world.clock, process.stderr);
  const downloads = new Downloads(process.stderr);
  const view = isDistributed(options) ? new StatusView(world.clock, process.stderr) : undefined;
  const controller = new AbortController();
  const interrupt = (): void => onInterrupt(controller, view ?? progress);
  try {
    const result = await train(config, {
      world,
      ...placeOf(options),
      // The data set of a preset was not typed by the user.
      substitute: options.dataset === undefined && file.dataset === undefined,
      command: commandLine(process.argv.slice(2)),
      signal: controller.signal,
      observer: (event) => (view ?? progress).observe(event),
      tensorboard: options.tensorboard,
      onStatus: view && ((status) => view.show(status)),
      onDownload: downloads.observe,
      onTuning: tuningLines((line) => progress.line(line)),
      onReady(dataset, devices, out) {
        downloads.close();
        if (dataset.notice) print(`note: ${dataset.notice}`);
        for (const [i, line] of describeDataset(dataset).entries())
          print(`${i === 0 ? "data    " : "        "}${line}`);
        for (const line of deviceLines(devices)) print(line);
        print(`out     ${out}`);
        // Before this there is nothing to save, and a signal ends the process as it does any other.
        process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
      },
    });
    // It is drawn over what stands below it.
    view?.close();
    progress.close();
    report(result, options.json === true);
    result.close();
  } finally {
    downloads.close();
    view?.close();
    progress.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** The first Ctrl-C asks the run to stop, with a checkpoint; the second ends the process at once. */
function onInterrupt(controller: AbortController, progress: Pick<Progress, "line" | "close">): void {
  if (controller.signal.aborted) {
    progress.close();
    process.exit(1);
  }
  progress.line("stopping after the steps in flight, with a checkpoint; Ctrl-C again ends at once");
  controller.abort();
}

function placeOf(options: TrainCommandOptions) {
  const { device, adapter, threads, tune, data, out, resume, otherData, workers, devices, pipeline, faults, chaos } =
    options;
  const { heartbeat, timeout, stepTimeout, restartPause, patience } = options;
  const times = { heartbeat, timeout, stepTimeout, restartPause, patience };
  return {
    device,
    adapter,
    threads,
    tune,
    data,
    out,
    resume,
    otherData,
    workers,
    devices,
    pipeline,
    faults,
    chaos,
    times,
  };
}

const isDistributed = ({ workers, devices, pipeline = false }: TrainCommandOptions): boolean =>
  workers !== undefined || devices !== undefined || pipeline;

/** One device, or those of the workers, the same ones together. */
function deviceLines(devices: readonly string[]): string[] {
  if (devices.length === 1) return [`device  ${devices[0]}`];
  const counts = new Map<string, number>();
  for (const device of devices) counts.set(device, (counts.get(device) ?? 0) + 1);
  const lines = [...counts].map(([device, count]) => `${count} x ${device}`);
  return lines.map((line, i) => `${i === 0 ? "workers" : "       "} ${line}`);
}

async function readConfig(world: World, path: string): Promise<TrainingOptions> {
  const text = new TextDecoder().decode(await explained("read", path, world.disk.read(path)));
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${(error as Error).message}`);
  }
  return checkOptions(options, path);
}

function report(result: TrainResult, json: boolean): void {
  if (result.measures) {
    printMeasures(result, result.measures);
  } else {
    print(`stopped at step ${result.step}; go on with: dawnpour train --resume --out ${result.folder.path}`);
  }
  if (json) print(JSON.stringify(summary(result)));
}

function printMeasures(result: TrainResult, { errors, advice }: RunMeasures): void {
  const { model, step, seconds, imagesPerSecond, folder, dataset } = result;
  const { train, test, pca } = errors;
  print("");
  print(`${model.name}: ${step} steps in ${duration(seconds)}, ${Math.round(imagesPerSecond)} images/s`);
  print(`test    SSE ${test.sse.toFixed(3)}   MSE ${test.mse.toFixed(6)}`);
  print(`train   SSE ${train.sse.toFixed(3)}   MSE ${train.mse.toFixed(6)}`);
  print(`PCA-${pca.components}  SSE ${pca.test.sse.toFixed(3)}   (test, the best linear code of that size)`);
  for (const [i, line] of advice.entries()) print(`${i === 0 ? "worse than PCA: try" : "                or "} ${line}`);
  for (const { method, source, sse } of publishedResults(dataset.name, model.codeSize)) {
    print(`        SSE ${sse.toFixed(3)}   (test, published: ${method}, ${source})`);
  }
  print(`report  ${join(folder.path, "report.html")}`);
}

/** What `--json` prints; the errors of a run that was stopped are null. */
function summary({ device, dataset, step, config, seconds, imagesPerSecond, ...result }: TrainResult) {
  const { train, test, pca } = result.measures?.errors ?? { train: null, test: null, pca: null };
  return {
    device: device.name,
    dataset: dataset.name,
    steps: step,
    epochs: (step * config.batch) / dataset.train.count,
    seconds,
    imagesPerSecond,
    train,
    test,
    pca,
    parametersSha256: result.parametersSha256,
    out: result.folder.path,
  };
}
