/** Options that several commands share, and functions that turn their words into values. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { FORMAT_NAMES } from "../data/formats/table.js";
import { parseScale } from "../data/scale.js";
import { ARITHMETICS } from "../device/cpu/arithmetic.js";
import { DEVICE_CHOICES, type DeviceChoice } from "../device/open.js";
import { brief, UsageError, unknownWord } from "../error.js";
import { ACTIVATIONS, LOSSES } from "../program/op.js";
import type { TrainingOptions } from "../training/config/config.js";
import { CONFIG_KEYS } from "../training/config/config.js";

/** Options of the device that a command runs on. */
export interface DeviceOptions {
  readonly device: DeviceChoice;
  readonly adapter?: string;
  readonly threads?: number;
}

/** The device options among a command's options. */
export function deviceOf({ device, adapter, threads }: DeviceOptions): DeviceOptions {
  return { device, adapter, threads };
}

/** Options of the data that a command reads. */
export interface DataOptions {
  readonly dataset?: string;
  readonly data?: string;
  readonly limit?: number;
  readonly otherData?: boolean;
  readonly scale?: number;
  readonly shape?: string;
  readonly label?: string;
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`${brief(text)} is not a number.`);
  return value;
}

export function whole(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError(`${brief(text)} is not a whole number from 0.`);
  }
  return value;
}

function scale(text: string): number {
  try {
    return parseScale(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/**
 * An option with two names, as `--shards, --parts`, that is given by both names must have the same value under both.
 * Call it when all options are there.
 */
export function refuseTwoValues(command: Command): Command {
  return command.hook("preAction", () => {
    for (const { long, short } of command.options) {
      if (!long || !short?.startsWith("--")) continue;
      const [one, other] = [short, long].map((name) => lastValue(name, process.argv));
      if (one === undefined || other === undefined || one === other) continue;
      throw new UsageError(`${short} ${brief(one)} and ${long} ${brief(other)} are one option: give one of them`);
    }
  });
}

function lastValue(name: string, words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === name || word.startsWith(`${name}=`));
  return at < 0 || words[at] !== name ? words[at]?.slice(name.length + 1) : words[at + 1];
}

export const wholes = (text: string): number[] => text.split(",").map(whole);

/** An option with a few permitted words; the error for another word suggests the near one. */
export function choice(flags: string, description: string, words: readonly string[], byDefault?: string): Option {
  const ending = byDefault === undefined ? "" : ` (default: ${byDefault})`;
  const option = new Option(flags, `${description}: ${words.join(", ")}${ending}`);
  return option.argParser((word: string) => {
    if (!words.includes(word)) throw unknownWord(`--${option.name()}`, word, words);
    return word;
  });
}

export function addDeviceOptions(command: Command): Command {
  return command
    .optionsGroup("Device:")
    .addOption(
      choice("--device <kind>", "auto takes a hardware GPU if there is one, else the CPU", DEVICE_CHOICES).default(
        "auto",
        "auto",
      ),
    )
    .option("--adapter <name>", "part of the name of the WebGPU adapter to use (see `dawnpour devices`)")
    .option(
      "--threads <n>",
      "threads of the CPU device; with workers, threads of each one (default: one for each core, divided among the workers)",
      whole,
    );
}

/** The option for the CPU's arithmetic. */
export function arithmeticOption(): Option {
  const what = "how the CPU multiplies f32; auto is the fastest way at f32's accuracy";
  return choice("--arithmetic <name>", what, ARITHMETICS, "auto");
}

/** Options of the network and its loss. */
export function addNetworkOptions(command: Command): Command {
  return command
    .optionsGroup("Network:")
    .option(
      "--layers <sizes>",
      "input, hidden and code sizes (default: the row length, then 1000,500,250,30; smaller for rows of fewer than 256 values)",
      wholes,
    )
    .addOption(choice("--activation <name>", "activation of the hidden layers", ACTIVATIONS, "gelu"))
    .addOption(choice("--code-activation <name>", "activation of the code", ACTIVATIONS, "linear"))
    .addOption(
      choice("--output-activation <name>", "activation of the output", ACTIVATIONS, "sigmoid for bce, linear for mse"),
    )
    .addOption(
      choice(
        "--loss <name>",
        "mean squared error or binary cross-entropy",
        LOSSES,
        "bce for values in [0, 1], else mse",
      ),
    );
}

export function addDataOptions(command: Command, datasetDefault: string): Command {
  return command
    .optionsGroup("Data:")
    .option(
      "--dataset <name>",
      `mnist, fashion-mnist, digits (generated; digits:N has N of them), or the path of a file (${FORMAT_NAMES}), of a folder of such files, or of a folder of PNG pictures (${datasetDefault})`,
    )
    .option(
      "--data <dir>",
      "folder of a data set given by name (default: DAWNPOUR_DATA, then the cache, then a download)",
    )
    .option("--scale <x>", "factor on the values, as in 1/255 (default: decided by the values)", scale)
    .option("--shape <sizes>", "shape of a picture: 28x28, 32x32x3, 3x32x32, or none (default: decided by the data)")
    .option("--label <column>", "column of labels in a table, by name or number from 0 (default: decided by the names)")
    .option("--limit <n>", "use only the first n training images, and at most n test images", whole)
    .option("--other-data", "allow other data than the checkpoint was trained on");
}

/** The keys of a training configuration among the parsed options. */
export function configOptions(options: Readonly<Record<string, unknown>>): TrainingOptions {
  const given = CONFIG_KEYS.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key]]));
}
