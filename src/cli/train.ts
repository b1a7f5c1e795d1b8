/** `dawnpour train`: from a data set's name to a trained, measured, saved autoencoder with a report. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { describeDataset } from "../data/describe.js";
import { brief, UsageError } from "../error.js";
import { INITIALISERS } from "../model/initialiser.js";
import { OPTIMIZERS } from "../optimizer/optimizer.js";
import { SCHEDULES } from "../optimizer/schedule.js";
import { FLOATS } from "../program/buffer.js";
import { publishedResults } from "../report/published.js";
import { type TrainResult, train } from "../train.js";
import { AUGMENTATIONS, CONFIG_KEYS, checkOptions, layerOptions, type TrainingOptions } from "../training/config.js";
import { PRESETS, preset } from "../training/presets.js";
import { explained } from "../world/disk-error.js";
import { DURATION_FORM, parseDuration } from "../world/duration.js";
import type { World } from "../world/world.js";
import { folderAsker } from "./ask-folder.js";
import { commandLine } from "./command-line.js";
import { Interruption } from "./interruption.js";
import { asCalled, commandText } from "./invocation.js";
import {
  addDataOptions,
  addDeviceOptions,
  addNetworkOptions,
  arithmeticOption,
  choice,
  configOptions,
  type DeviceOptions,
  number,
  whole,
} from "./options.js";
import { Downloads, note, Progress, print, printJson, tuningLines } from "./output.js";
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
  readonly pca: boolean;
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
    .argument("[dataset]", "as --dataset")
    .addHelpText("after", asCalled(HELP));
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
    .option("--no-pca", "do not compare with PCA")
    .option("--tensorboard", "write the curves for TensorBoard, too: tensorboard --logdir runs")
    .option("--json", "one JSON line on stdout, and all else on stderr")
    .action((dataset: string | undefined, options: TrainCommandOptions) =>
      runTrain(world, { ...options, dataset: oneDataset(dataset, options) }, command),
    );
}

/** The data set may stand by itself: `dawnpour train mnist`. */
function oneDataset(word: string | undefined, { dataset }: TrainCommandOptions): string | undefined {
  if (word === undefined || dataset === undefined || word === dataset) return word ?? dataset;
  throw new UsageError(`two data sets, ${brief(word)} and --dataset ${brief(dataset)}: give one`);
}

const HELP = `
--layers says the encoder; the decoder mirrors it: 784,128,32 trains
784-128-32-128-784, and 32 numbers stand for an image. The error is told as SSE,
the squared error of an image summed over its pixels, mean over the images; MSE
is the same for each pixel. PCA with as many numbers is the mark to beat.
--preset sets data set, layers, activation, optimizer, schedule, batch and
length; hinton2006: 784,1000,500,250,30, gelu, adam with cosine decay, batch
256, 40 epochs; hinton2006-long: also --augment shift, and 110 epochs. What is
given beside it goes before it.

The folder of the run gets config.json, metrics.jsonl, checkpoints/ and
report.html. Ctrl-C stops the run with a checkpoint to resume from; Ctrl-C
again ends it at once. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped
by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP: of a run that was cut short, or whose
PCA was left out for it. What comes later stops nothing, and the code is 0.

  dawnpour train mnist --layers 784,128,32 --epochs 5  a first run
  dawnpour train --preset hinton2006                   the reference network
  dawnpour train a.npy --layers 256,64,8               on data of your own
  dawnpour train --resume --out runs/a --epochs 80     go on, for longer
  dawnpour train mnist --workers 3 --device cpu        many processes
  dawnpour train mnist --workers 3 --faults "kill worker-1 at 20s"

The words of --faults: kill, hang ... for 10s, cut ... for 2s (worker-0, ...,
coordinator); lose device-0; flip a gradient bit of, spoil a gradient of
(worker-0, ...); fail disk; tear checkpoint. Then: at step 200, at 30s, or at
checkpoint 3. docs/distributed.md has them all.`;

function addOptimizerOptions(command: Command): void {
  command
    .optionsGroup("Optimizer:")
    .addOption(choice("--optimizer <name>", "update rule", OPTIMIZERS, "adam"))
    .option(
      "--learning-rate, --lr <rate>",
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
  if (milliseconds === undefined) throw new InvalidArgumentError(`${brief(text)}: ${DURATION_FORM}.`);
  return milliseconds;
}

function addRunOptions(command: Command): void {
  command
    .optionsGroup("Run:")
    .option("--batch-size, --batch <n>", "images a step (default: 128, fewer of less than 25600)", whole)
    .addOption(choice("--precision <type>", "of batches and weights; parameters stay f32", FLOATS, "f32"))
    .addOption(arithmeticOption())
    .option("--epochs <n>", "passes over the training images (default: 10, more of few images)", whole)
    .option("--steps <n>", "length in steps instead of epochs", whole)
    .option("--seed <n>", "seed of everything random (default: 0)", whole)
    .option(
      "--evaluate-every <epochs>",
      "how often to measure the test error (default: 1, or less often where that takes long)",
      whole,
    )
    .option(
      "--checkpoint-every <epochs>",
      "how often to save a checkpoint; there is one at the end (default: as above)",
      whole,
    )
    .option("--keep <n>", "checkpoints kept (default: 3)", whole)
    .addOption(choice("--preset <name>", "start from a named configuration", Object.keys(PRESETS)))
    .option("--config <file>", "JSON file of these options in camel case; the command line overrides it")
    .option("--out <dir>", "folder of the run (default: a new one under runs/)")
    .option("--resume", "go on with the run in --out, bit for bit as if it had never stopped");
}

async function runTrain(world: World, options: TrainCommandOptions, command: Command): Promise<void> {
  const file = options.config ? await readConfig(world, options.config) : {};
  const config = layerOptions(
    options.preset ? preset(options.preset) : {},
    file,
    checkOptions(configOptions({ ...options, initial: options.weights }), "command line"),
  );
  const say = options.json ? note : print;
  const progress = new Progress(world.clock, process.stderr);
  const downloads = new Downloads(process.stderr);
  const view = isDistributed(options) ? new StatusView(world.clock, process.stderr) : undefined;
  const interruption = new Interruption(view ?? progress);
  let isCutShort = false;
  try {
    const result = await train(config, {
      world,
      ...placeOf(options),
      // The data set of a preset was not typed by the user.
      substitute: options.dataset === undefined && file.dataset === undefined,
      command: commandLine(process.argv.slice(2)),
      signal: interruption.signal,
      askFolder: folderAsker(world, view ?? progress),
      observer: (event) => (view ?? progress).observe(event),
      tensorboard: options.tensorboard,
      onStatus: view && ((status) => view.show(status)),
      onDownload: downloads.observe,
      onTuning: tuningLines((line) => progress.line(line)),
      onPca(state) {
        interruption.message =
          state === "begun"
            ? "leaving out PCA; Ctrl-C again ends at once"
            : "the run is over, its report is being written; Ctrl-C again ends at once";
        isCutShort = state === "stopped";
        if (state !== "done") (view ?? progress).line(PCA_LINES[state]);
      },
      onReady(dataset, devices, out) {
        downloads.close();
        if (dataset.notice) say(`note: ${dataset.notice}`);
        for (const [i, line] of describeDataset(dataset).entries()) say(`${i === 0 ? "data    " : "        "}${line}`);
        for (const line of deviceLines(devices)) say(line);
        say(`out     ${out}`);
        // Before this there is nothing to save, and a signal ends the process as it does any other.
        interruption.listen();
      },
    });
    // It is drawn over what stands below it.
    view?.close();
    progress.close();
    for (const line of resultLines(result)) say(line);
    if (result.stopped) say(`stopped at step ${result.step}; go on with:`, resumeCommand(command, result.folder.path));
    say(`report  ${join(result.folder.path, "report.html")}`);
    if (options.json) printJson(summary(result));
    if (!result.stopped && !isCutShort) interruption.cameTooLate();
    result.close();
  } finally {
    downloads.close();
    view?.close();
    progress.close();
    interruption.close();
  }
}

const PCA_LINES = {
  begun: "computing PCA, to compare with (--no-pca does without)",
  stopped: "PCA was left out",
  "too long": "PCA was left out: it took longer than a minute",
};

/** What goes on with a run as it was called: where it ran, and how; what it computes stands in its checkpoint. */
function resumeCommand(command: Command, out: string): string {
  const configuration = new Set<string>([...CONFIG_KEYS, "preset", "config", "out", "resume"]);
  const words = command.options.flatMap((option) => {
    const key = option.attributeName();
    if (configuration.has(key) || command.getOptionValueSource(key) !== "cli") return [];
    const value = command.getOptionValue(key) as unknown;
    return typeof value === "boolean" ? [`${option.long}`] : [`${option.long}`, optionText(key, value)];
  });
  return commandText(["train", "--resume", "--out", out, ...words]);
}

/** A value as it was typed: times are kept in milliseconds. */
function optionText(key: string, value: unknown): string {
  return TIMES.includes(key) ? `${value}ms` : String(value);
}

const TIMES: readonly string[] = ["heartbeat", "timeout", "stepTimeout", "restartPause", "patience"];

function placeOf(options: TrainCommandOptions) {
  const { device, adapter, threads, tune, pca, data, out, resume, otherData } = options;
  const { workers, devices, pipeline, faults, chaos } = options;
  const { heartbeat, timeout, stepTimeout, restartPause, patience } = options;
  const times = { heartbeat, timeout, stepTimeout, restartPause, patience };
  const one = { device, adapter, threads, tune };
  return { ...one, pca, data, out, resume, otherData, workers, devices, pipeline, faults, chaos, times };
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

function resultLines(result: TrainResult): string[] {
  const { measures, model, step, seconds, imagesPerSecond, dataset } = result;
  if (!measures) return [];
  const { errors, advice } = measures;
  const { train, test, pca } = errors;
  return [
    "",
    `${model.name}: ${step} steps in ${duration(seconds)}, ${Math.round(imagesPerSecond)} images/s`,
    `test    SSE ${test.sse.toFixed(3)}   MSE ${test.mse.toFixed(6)}`,
    `train   SSE ${train.sse.toFixed(3)}   MSE ${train.mse.toFixed(6)}`,
    ...(pca
      ? [`PCA-${pca.components}  SSE ${pca.test.sse.toFixed(3)}   (test, the best linear code of that size)`]
      : []),
    ...advice.map((line, i) => `${i === 0 ? "worse than PCA: try" : "                or "} ${line}`),
    ...publishedResults(dataset.name, model.codeSize).map(
      ({ method, source, sse }) => `        SSE ${sse.toFixed(3)}   (test, published: ${method}, ${source})`,
    ),
  ];
}

/** What `--json` prints; what was not measured is null. */
function summary({ device, dataset, step, stopped, config, seconds, imagesPerSecond, ...result }: TrainResult) {
  const { train = null, test = null, pca = null } = result.measures?.errors ?? {};
  return {
    device: device.name,
    dataset: dataset.name,
    steps: step,
    stopped,
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
