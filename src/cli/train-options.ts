/** The options of `dawnpour train`, and the settings of a run that follow from them. */

import type { Command } from "commander";
import { INITIALISERS } from "../model/initialiser.js";
import { OPTIMIZERS } from "../optimizer/optimizer.js";
import { SCHEDULES } from "../optimizer/schedule.js";
import { type WorkerCount, workersText } from "../placement/worker-count.js";
import { FLOATS } from "../program/buffer.js";
import { AUGMENTATIONS, CONFIG_KEYS } from "../training/config/config.js";
import { PRESET_PLACES, PRESETS } from "../training/config/presets.js";
import { TASKS } from "../training/config/task-words.js";
import { parseChoice } from "./choice-option.js";
import { commandText } from "./invocation.js";
import {
  addDataOptions,
  addDeviceOptions,
  addNetworkOptions,
  arithmeticOption,
  choice,
  type DeviceOptions,
  number,
  whole,
} from "./options.js";
import { askedServers } from "./reduce-option.js";
import { addWorkerOptions } from "./worker-options.js";

export interface TrainCommandOptions extends DeviceOptions {
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
  readonly findLr?: boolean;
  readonly tune: boolean;
  readonly checkFinite?: boolean;
  readonly pca: boolean;
  readonly workers?: WorkerCount;
  readonly devices?: string;
  readonly pipeline?: boolean;
  readonly servers?: number;
  readonly reduce?: string;
  readonly faults?: string;
  readonly chaos?: string;
  readonly link?: string;
  readonly heartbeat?: number;
  readonly timeout?: number;
  readonly stepTimeout?: number;
  readonly restartPause?: number;
  readonly patience?: number;
}

/**
 * Adds all options of `dawnpour train`.
 * @param parts the default in words
 */
export function addTrainOptions(command: Command, parts = "one for each worker"): Command {
  addDataOptions(command, "default: mnist")
    .addOption(
      choice(
        "--augment <how>",
        "shift: also train on four copies of each picture, moved by one pixel",
        AUGMENTATIONS,
        "none",
      ),
    )
    .option("--standardise", "standardise each column (default: only for tables with values outside [0, 1])")
    .option("--no-standardise", "do not standardise columns");
  addTaskOptions(command);
  addNetworkOptions(command)
    .addOption(choice("--initialiser <name>", "distribution of the first weights", INITIALISERS, "glorot"))
    .option("--weights <path>", "initial weights: a safetensors file (PyTorch's too), or a run");
  addOptimizerOptions(command);
  addRunOptions(command);
  addDeviceOptions(command).option(
    "--no-tune",
    "use the default kernels of a WebGPU device (see `dawnpour tune --help`)",
  );
  addWorkerOptions(command, parts);
  return command
    .optionsGroup("Output:")
    .option("--no-pca", "do not compare with PCA")
    .option("--tensorboard", "also write the curves for TensorBoard: tensorboard --logdir runs")
    .option("--json", "print one JSON line to stdout, and everything else to stderr");
}

function addTaskOptions(command: Command): void {
  command
    .optionsGroup("Task:")
    .addOption(
      choice("--task <name>", "what to learn: the row itself, its class, or a number (--label)", TASKS, "autoencoder"),
    )
    .option("--model <module>", "a model of your own: ./mine.js, with :key=value,... (docs/models.md)", parseChoice)
    .option(
      "--denoise <noise>",
      "noise on the input, not on the target: gaussian:0.3 (deviation) or mask:0.25 (share of zeros)",
    )
    .option("--tied", "the decoder has the weights of the encoder, transposed")
    .option(
      "--variational [weight]",
      "draw the code from a normal distribution; the weight of its divergence beside a row's error (default: 1)",
      number,
    )
    .option("--sparse <penalty>", "make codes sparse: kl:0.05:3 (mean activation, weight) or l1:0.1 (weight)");
}

function addOptimizerOptions(command: Command): void {
  command
    .optionsGroup("Optimizer:")
    .addOption(choice("--optimizer <name>", "update rule", OPTIMIZERS, "adam"))
    .option(
      "--learning-rate, --lr <rate>",
      "learning rate (default: by loss and optimizer, 0.002 for adam; half of that with --schedule constant)",
      number,
    )
    .option("--find-lr", "find the learning rate first, by a range test, and train with it; the report has the curve")
    .option("--weight-decay <x>", "weight decay (default: 0, adamw 0.01)", number)
    .option("--momentum <x>", "coefficient of momentum and nesterov (default: 0.9)", number)
    .option("--beta1 <x>", "decay of the first moment of adam and adamw (default: 0.9)", number)
    .option("--beta2 <x>", "decay of the second moment of adam and adamw (default: 0.999)", number)
    .option("--rho <x>", "decay of the squares in rmsprop (default: 0.9) and adadelta (default: 0.95)", number)
    .option("--epsilon <x>", "added to divisors, which could be 0 (default: 1e-8, adadelta 1e-6)", number)
    .option("--clip <norm>", "clip gradients to this global norm (default: 1 for mse)", number)
    .addOption(choice("--schedule <name>", "schedule of the learning rate", SCHEDULES, "cosine"))
    .option("--warmup <steps>", "steps of linear warm-up (default: 0)", whole)
    .option("--decay-every <steps>", "steps between two drops of --schedule step (default: 1000)", whole)
    .option("--decay-factor <x>", "factor on the rate at each drop (default: 0.5)", number)
    .option("--lr-floor <x>", "fraction of the rate at the end of cosine and linear (default: 0)", number);
}

function addRunOptions(command: Command): void {
  command
    .optionsGroup("Run:")
    .option("--batch-size, --batch <n>", "images in a step (default: 128, fewer for fewer than 25600 images)", whole)
    .addOption(choice("--precision <type>", "type of batches and weights; parameters stay f32", FLOATS, "f32"))
    .addOption(arithmeticOption())
    .option("--epochs <n>", "passes over the training images (default: 10, more for few images)", whole)
    .option("--steps <n>", "length of the run in steps instead of epochs", whole)
    .option("--seed <n>", "seed of all random numbers (default: 0)", whole)
    .option(
      "--evaluate-every <epochs>",
      "epochs between two measurements of the test error (default: 1, more where measuring takes long)",
      whole,
    )
    .option(
      "--checkpoint-every <epochs>",
      "epochs between two checkpoints; the end also has one (default: as for --evaluate-every)",
      whole,
    )
    .option("--keep <n>", "number of checkpoints that are kept (default: 3)", whole)
    .addOption(choice("--preset <name>", "start from a named configuration", Object.keys(PRESETS)))
    .option(
      "--config <file>",
      "JSON file of options, with the names of a run's config.json: lr, batch, initial (for --weights), codeActivation; the command line overrides it",
    )
    .option(
      "--check-finite",
      "name the op that first made a NaN or an infinity; only on one device, and a little slower",
    )
    .option("--out <dir>", "folder of the run (default: a new one under runs/)")
    .option("--resume", "go on with the run in --out, with the same bits as if it had never stopped");
}

/** The command that resumes a run, with the options of where and how it ran; its checkpoint has the rest. */
export function resumeCommand(command: Command, out: string): string {
  const configuration = new Set<string>([...CONFIG_KEYS, "preset", "config", "out", "resume"]);
  const words = command.options.flatMap((option) => {
    const key = option.attributeName();
    if (configuration.has(key) || command.getOptionValueSource(key) !== "cli") return [];
    const value = command.getOptionValue(key) as unknown;
    return typeof value === "boolean" ? [`${option.long}`] : [`${option.long}`, optionText(key, value)];
  });
  return commandText([command.name(), "--resume", "--out", out, ...words]);
}

/** A value as it was typed: times are kept in milliseconds. */
function optionText(key: string, value: unknown): string {
  if (key === "workers") return workersText(value as WorkerCount);
  return TIMES.includes(key) ? `${value}ms` : String(value);
}

const TIMES: readonly string[] = ["heartbeat", "timeout", "stepTimeout", "restartPause", "patience"];

/** Where the run happens: see `TrainPlace`. */
export function placeOf(options: TrainCommandOptions) {
  const { device, adapter, threads, tune, checkFinite, pca, data, out, resume, otherData } = options;
  const { workers, devices, pipeline, faults, chaos, link } = options;
  const servers = askedServers(options);
  const { heartbeat, timeout, stepTimeout, restartPause, patience } = options;
  const times = { heartbeat, timeout, stepTimeout, restartPause, patience };
  const one = { device, adapter, threads, tune };
  const many = { workers, devices, pipeline, servers, faults, chaos, link, times };
  return { ...one, checkFinite, pca, data, out, resume, otherData, ...many };
}

/** The options, with the workers of the preset where they name none. */
export function withPresetPlace<O extends TrainCommandOptions>(options: O): O {
  const { preset = "", workers, devices, pipeline, reduce, servers } = options;
  const place = PRESET_PLACES[preset];
  if (!place || pipeline) return options;
  const own = workers === undefined && devices === undefined ? { workers: place.workers } : {};
  return { ...options, ...own, ...(reduce === undefined && servers === undefined && { servers: place.servers }) };
}

export const isDistributed = ({ workers, devices, pipeline = false }: TrainCommandOptions): boolean =>
  workers !== undefined || devices !== undefined || pipeline;
