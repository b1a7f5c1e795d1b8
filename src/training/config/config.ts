/**
 * The configuration of a training run: one flat record, with the same keys in a configuration file, in config.json, in
 * a checkpoint's manifest and, in kebab case, on the command line. It decides the result of a run on one kind of
 * device; where the run happens (device, threads, folders) is not part of it.
 */

import { z } from "zod";
import { ARITHMETICS } from "../../device/cpu/arithmetic.js";
import { brief, UsageError, unknownWord } from "../../error.js";
import { type Initialiser, initialisers } from "../../model/initialiser.js";
import type { OptimizerName } from "../../optimizer/optimizer.js";
import { type ScheduleName, schedules } from "../../optimizer/schedule.js";
import { FLOATS } from "../../program/buffer.js";
import { type Activation, activations, type Loss, losses, updateRules } from "../../program/op.js";
import { choiceSchema } from "./choice-schema.js";
import { taskSchema } from "./task-schema.js";

/** Ways to derive more training images. */
export const AUGMENTATIONS = ["none", "shift"] as const;

const count = z.number().int().min(1);
const positive = z.number().positive();

/** The name of a definition, looked up when a configuration is checked. */
function named<Name extends string>(definitions: { names(): string[] }) {
  return z.custom<Name>().check((checked) => {
    const values = definitions.names();
    if (!values.includes(checked.value)) checked.issues.push({ code: "invalid_value", values, input: checked.value });
  });
}

const schema = z.strictObject({
  dataset: z.string().min(1).default("mnist"),
  /** Use only this number of training images, the first ones, and at most as many test images. */
  limit: count.optional(),
  /** Factor of stored values. Default: from the values; see `data/scale.ts`. */
  scale: positive.optional(),
  /** Shape of pictures: `28x28`, `32x32x3`, `3x32x32`, or `none`. Default: from the dimensions of the data. */
  shape: z.string().min(1).max(40).optional(),
  /** Name or number (from 0) of the column of labels in a table. Default: from the names of the columns. */
  label: z.string().min(1).optional(),
  /** `shift`: train also on every picture moved by one pixel to each side; an epoch is five times as long. */
  augment: z.enum(AUGMENTATIONS).default("none"),
  /** Standardize the columns of a table. Default: if values lie outside [0, 1] and are not those of pictures. */
  standardise: z.boolean().optional(),
  /** Mean and deviation of each column; computed from the training rows unless given. */
  columns: z.strictObject({ mean: z.array(z.number()).readonly(), deviation: z.array(positive).readonly() }).optional(),
  ...taskSchema,
  /** Input, hidden and code sizes. Default: by the data. */
  layers: z.array(count).min(2).optional(),
  activation: named<Activation>(activations).default("gelu"),
  codeActivation: named<Activation>(activations).default("linear"),
  /** Default: sigmoid for bce, linear for mse. */
  outputActivation: named<Activation>(activations).optional(),
  initialiser: named<Initialiser>(initialisers).default("glorot"),
  /** A safetensors file, or a run, with the initial weights; otherwise they are random. */
  initial: z.string().min(1).optional(),
  /** With data at hand the default is bce for values in [0, 1], else mse. */
  loss: named<Loss>(losses).default("bce"),
  optimizer: named<OptimizerName>(updateRules).default("adam"),
  /** Default: by loss and optimizer. */
  lr: positive.optional(),
  weightDecay: z.number().min(0).optional(),
  momentum: z.number().min(0).lt(1).optional(),
  beta1: z.number().min(0).lt(1).optional(),
  beta2: z.number().min(0).lt(1).optional(),
  rho: z.number().min(0).lt(1).optional(),
  epsilon: positive.optional(),
  schedule: named<ScheduleName>(schedules).default("cosine"),
  warmup: z.number().int().min(0).default(0),
  decayEvery: count.default(1000),
  decayFactor: positive.default(0.5),
  lrFloor: z.number().min(0).max(1).default(0),
  /** Clip gradients to this global norm. Default: 1 for mse. */
  clip: positive.optional(),
  /** Precision of batches and of the weights multiplied with them; parameters are always f32. */
  precision: z.enum(FLOATS).default("f32"),
  /** How the CPU device multiplies f32; `auto` is the fastest way of its chip at the accuracy of f32. */
  arithmetic: z.enum(ARITHMETICS).default("auto"),
  /** With data at hand the default is smaller for few rows. */
  batch: count.default(128),
  /** Parts of every batch, however many devices share them: their gradients are summed in a fixed order. */
  parts: count.default(1),
  /** How many replicas become one model. Default: synchronous. */
  strategy: choiceSchema("strategy").optional(),
  /** How the contributions of the parts are encoded when they are sent. Default: none, as they are. */
  compress: choiceSchema("compressor").optional(),
  epochs: count.optional(),
  steps: count.optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /**
   * Epochs between evaluations on the test set. Default: 1, or more where they would take more than a tenth of the
   * time.
   */
  evaluateEvery: count.optional(),
  /** Epochs between checkpoints; there is always one at the end. Default: as `evaluateEvery`. */
  checkpointEvery: count.optional(),
  /** Checkpoints kept. */
  keep: count.default(3),
});

/** What a user gives: every key optional. */
export type TrainingOptions = z.input<typeof schema> & {
  /** Another name of `parts`. */
  readonly shards?: number;
};
/** Checked, with the defaults that do not depend on the data filled in. */
export type TrainingConfig = z.output<typeof schema>;

/** Every key, in camel case. */
export const CONFIG_KEYS = Object.keys(schema.shape) as (keyof TrainingConfig)[];

const DEFAULT_EPOCHS = 10;

/** The defaults of keys that do not depend on the data. */
const DEFAULTS = schema.parse({});

/**
 * A whole configuration, with the defaults for the case that there is no data.
 * @param where names the source in errors: `configuration`, a file name
 * @throws UsageError in one line: the key, the rule, the value, the near word
 * @example
 * ```ts
 * import { parseConfig } from "dawnpour";
 *
 * const { activation, batch } = parseConfig({ activation: "tanh" });
 * console.log(activation, batch); // tanh 128
 * ```
 */
export function parseConfig(options: unknown, where = "configuration"): TrainingConfig {
  return completed(checkOptions(options, where), where);
}

/** Part of a configuration, without defaults: each key is checked on its own. Errors as those of `parseConfig`. */
export function checkOptions(given: unknown, where = "configuration"): TrainingOptions {
  const options = withNewNames(given, where);
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw explain(parsed.error.issues[0], options, where);
  const { strategy, compress } = parsed.data;
  if (strategy === undefined && compress === undefined) return options as TrainingOptions;
  return {
    ...(options as TrainingOptions),
    ...(strategy !== undefined && { strategy }),
    ...(compress !== undefined && { compress }),
  };
}

/** Checked options, and the defaults that do not depend on the data. @throws UsageError as `checkRules` does */
export function completed(options: TrainingOptions, where?: string): TrainingConfig {
  const config = filled(options);
  checkRules(config, where);
  return config;
}

/** As `completed`, but keys whose default depends on the data stay open. */
export function filled(options: TrainingOptions): TrainingConfig {
  const keys = CONFIG_KEYS.filter((key) => options[key] !== undefined || DEFAULTS[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, options[key] ?? DEFAULTS[key]])) as TrainingConfig;
}

/** @throws UsageError for keys that contradict one another, of those that were given */
export function checkRules(
  { epochs, steps, loss, outputActivation = "sigmoid", parts = 1, batch = parts }: TrainingOptions,
  where = "configuration",
): void {
  if (epochs !== undefined && steps !== undefined) {
    throw new UsageError(`${where}: give epochs or steps, not both (got ${epochs} and ${steps})`);
  }
  if (loss === "bce" && outputActivation !== "sigmoid") {
    throw new UsageError(
      `${where}: loss bce has the sigmoid built in; outputActivation must be sigmoid or left out, got ${outputActivation} (or use loss mse)`,
    );
  }
  if (parts > batch) {
    throw new UsageError(`${where}: ${parts} parts of a batch of ${batch}: give each at least one image`);
  }
}

/** Older configurations have `shards` instead of `parts`. */
function withNewNames<Options>(options: Options, where: string): Options {
  if (typeof options !== "object" || options === null || !("shards" in options)) return options;
  const { shards, ...rest } = options;
  const { parts = shards } = rest as { readonly parts?: unknown };
  if (shards !== undefined && parts !== shards) {
    throw new UsageError(
      `${where}: shards is another name of parts: give one of them, got ${brief(shards)} and ${brief(parts)}`,
    );
  }
  return { ...rest, parts } as Options;
}

/** Merges options: later ones win. A length in steps replaces one in epochs, and vice versa. */
export function layerOptions(...layers: readonly TrainingOptions[]): TrainingOptions {
  return layers.reduce(({ epochs, steps, ...rest }, layer) => {
    const length = layer.epochs === undefined && layer.steps === undefined ? { epochs, steps } : {};
    return { ...rest, ...length, ...layer };
  }, {});
}

function explain(issue: z.core.$ZodIssue, options: unknown, where: string): UsageError {
  const key = issue.path.join(".");
  if (key === "" && issue.code === "invalid_type") {
    return new UsageError(`${where}: must be an object of options, such as {"epochs": 5}, got ${brief(options)}`);
  }
  if (issue.code === "unrecognized_keys") {
    return new UsageError(`${where}: ${unknownWord("key", issue.keys[0], CONFIG_KEYS).message}`);
  }
  const value = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    options,
  );
  if (issue.code === "invalid_value" && typeof value === "string") {
    return new UsageError(`${where}: ${unknownWord(key, value, issue.values.map(String)).message}`);
  }
  const rule = issue.message.replace(/^Invalid input: /, "").replace(/^Too (small|big): /, "");
  return new UsageError(`${where}: ${key}: ${rule}, got ${brief(value)}`);
}

/** Steps of the whole run. An epoch's last batch may reach into the next epoch, so epochs need not divide evenly. */
export function totalSteps(config: TrainingConfig, images: number): number {
  return config.steps ?? Math.ceil(((config.epochs ?? DEFAULT_EPOCHS) * images) / config.batch);
}
