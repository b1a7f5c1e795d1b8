/** How a model of one's own is fitted: options with their usual values, and what is refused. */
import type { Device } from "../../device/device.js";
import { brief, UsageError, unknownWord } from "../../error.js";
import { adam } from "../../optimizer/optimizers.js";
import { checkLearns, type Optimizer } from "../../optimizer/transform.js";
import { type Keys, refuseUnknownKeys } from "../../option-keys.js";
import type { FitData } from "./fit-data.js";
import type { FitEvent } from "./fit-event.js";
import type { ModelVectors } from "./fitted-model.js";

/** Types that `fit` computes in. */
const FIT_PRECISIONS = ["f32", "bf16"] as const;

/** When `fit` ends before its last step. */
export interface EarlyStopping {
  /** Epochs in a row without a lower loss: a whole number from 1. */
  readonly patience: number;
  /** What counts as lower. Default: 0. */
  readonly least?: number;
}

/** Options of `fit`. */
export interface FitOptions {
  /** Default: a GPU if there is one, else the CPU; it is closed with the fitted model. */
  readonly device?: Device;
  /** Default: `optimizers.adam()`. */
  readonly optimizer?: Optimizer;
  /** Passes over the data. Default: 10. */
  readonly epochs?: number;
  /** Default: 128, or all rows where they are fewer. */
  readonly batch?: number;
  /** Parts of a batch: of the statistics of batch normalisation, and of sums. Default: 1. */
  readonly parts?: number;
  /** Of initial parameters, the order of rows, and noise. Default: 1. */
  readonly seed?: number;
  /** Of activations and weights. Default: f32. */
  readonly precision?: (typeof FIT_PRECISIONS)[number];
  /** Rows to measure by, after each epoch. */
  readonly validation?: FitData;
  /** By the loss on `validation`, else by that of learning. Default: never. */
  readonly earlyStopping?: EarlyStopping;
  /** Whether the fitted model is the one of the epoch with the lowest loss. Default: where there is `validation`. */
  readonly keepBest?: boolean;
  /** Vectors to begin with, such as `vectors()` of a fitted model: fine-tuning. Default: drawn from the seed. */
  readonly initial?: Partial<ModelVectors>;
  /** Whether a step that makes a NaN or an infinity fails with the op that made it first, at the cost of a copy of the state now and then. Default: false. */
  readonly checkFinite?: boolean;
  /** Are called in their order after each epoch; each may stop the run or change the rate. */
  readonly callbacks?: readonly ((event: FitEvent) => unknown)[];
}

const KEYS: Keys<FitOptions> = {
  device: true,
  optimizer: true,
  epochs: true,
  batch: true,
  parts: true,
  seed: true,
  precision: true,
  validation: true,
  earlyStopping: true,
  keepBest: true,
  initial: true,
  checkFinite: true,
  callbacks: true,
};

/** Options with their usual values. */
export type SettledOptions = FitOptions &
  Required<Omit<FitOptions, "device" | "validation" | "earlyStopping" | "initial">>;

/** @param count rows of the data */
export function settledOptions(options: FitOptions, count: number): SettledOptions {
  refuseUnknownKeys(options, KEYS, "options of fit");
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as FitOptions;
  const settled = {
    optimizer: adam(),
    epochs: 10,
    batch: Math.min(128, count),
    parts: 1,
    seed: 1,
    precision: "f32" as const,
    keepBest: given.validation !== undefined,
    checkFinite: false,
    callbacks: [],
    ...given,
  };
  const { batch, parts, epochs, seed, precision } = settled;
  for (const [name, value, most] of [
    ["epochs", epochs, Number.MAX_SAFE_INTEGER],
    ["batch", batch, count],
    ["parts", parts, batch],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new UsageError(`fit: ${name} must be a whole number from 1 to ${most}, got ${value}`);
    }
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`fit: seed must be a whole number from 0, got ${seed}`);
  }
  if (!FIT_PRECISIONS.includes(precision)) throw unknownWord("precision", String(precision), FIT_PRECISIONS);
  checkLearns(settled.optimizer);
  if (settled.earlyStopping !== undefined) checkEarlyStopping(settled.earlyStopping);
  if (!Array.isArray(settled.callbacks) || settled.callbacks.some((callback) => typeof callback !== "function")) {
    throw new UsageError(`fit: callbacks must be an array of functions, got ${brief(settled.callbacks)}`);
  }
  return settled;
}

function checkEarlyStopping(given: EarlyStopping): void {
  refuseUnknownKeys<EarlyStopping>(given, { patience: true, least: true }, "earlyStopping");
  const { patience, least = 0 } = given;
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new UsageError(`earlyStopping: patience must be a whole number of epochs from 1, got ${brief(patience)}`);
  }
  if (!(Number.isFinite(least) && least >= 0)) {
    throw new UsageError(`earlyStopping: least must be a number from 0, got ${brief(least)}`);
  }
}
