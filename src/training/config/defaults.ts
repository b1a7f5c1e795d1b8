/**
 * Defaults by the data, the loss and the optimizer. The figures were found by trial on pictures and tables of many
 * sizes: bench/first-runs.mjs runs such first trainings, beside PCA.
 */
import type { Columns, Split } from "../../data/dataset.js";
import { allInUnit, columnsOf, needsStandardising } from "../../data/standardise.js";
import type { OptimizerName } from "../../optimizer/optimizer.js";
import type { Loss } from "../../program/op.js";
import type { TrainingOptions } from "./config.js";

/**
 * From this number of features on, a row is treated as a picture: the network of Hinton & Salakhutdinov 2006 is large
 * enough for it.
 */
const WIDE = 256;
const WIDE_HIDDEN = [1000, 500, 250];
const NARROW_HIDDEN = [256, 128];
const LARGEST_CODE = 30;

/** A step should see few enough of the rows that there are many steps in an epoch: of some hundred rows, one. */
const STEPS_PER_EPOCH = 200;
const LARGEST_BATCH = 128;

/** The number of steps that the default number of epochs aims at. */
const ENOUGH_STEPS = 2000;
const FEWEST_EPOCHS = 10;
const MOST_EPOCHS = 100;

/** Peak rates under a schedule that falls to 0; half of it is better for a constant rate. */
const RATES: Readonly<Record<Loss, Readonly<Record<OptimizerName, number>>>> = {
  bce: {
    sgd: 3,
    momentum: 0.5,
    nesterov: 0.5,
    adagrad: 0.02,
    rmsprop: 0.002,
    adadelta: 5,
    adam: 0.002,
    adamw: 0.002,
  },
  mse: {
    sgd: 1,
    momentum: 0.2,
    nesterov: 0.2,
    adagrad: 0.02,
    rmsprop: 0.002,
    adadelta: 3,
    adam: 0.002,
    adamw: 0.002,
  },
};

/**
 * Errors of a few outlying rows must not undo the work of an epoch. The gradients of cross-entropy for values in [0, 1]
 * are bounded.
 */
const CLIP_OF_MSE = 1;

/** The default rate. */
export function defaultRate({ loss = "bce", optimizer = "adam", schedule }: TrainingOptions): number {
  const peak = RATES[loss][optimizer];
  return schedule === "constant" ? peak / 2 : peak;
}

/** Hidden sizes and the code, after the input; the decoder mirrors them. */
export function defaultHidden(features: number): number[] {
  const code = Math.min(LARGEST_CODE, Math.max(1, features - 1), Math.ceil(Math.sqrt(1.1 * features)));
  return [...(features >= WIDE ? WIDE_HIDDEN : NARROW_HIDDEN), code];
}

/** The largest power of two, within bounds, that gives an epoch its steps. */
export function defaultBatch(rows: number): number {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, rows / STEPS_PER_EPOCH)));
  return Math.min(LARGEST_BATCH, wanted);
}

function defaultEpochs(rows: number, batch: number): number {
  return Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, Math.ceil((ENOUGH_STEPS * batch) / rows)));
}

/** Cross-entropy needs probabilities. */
function defaultLoss(train: Split, { outputActivation }: TrainingOptions): Loss {
  if (outputActivation !== undefined && outputActivation !== "sigmoid") return "mse";
  return allInUnit(train) ? "bce" : "mse";
}

/** How the columns of a table are standardized; undefined for data that stays as it is. */
export function defaultColumns({ columns, standardise, loss }: TrainingOptions, train: Split): Columns | undefined {
  if (columns) return columns;
  const wanted = standardise ?? (loss !== "bce" && needsStandardising(train));
  return wanted ? columnsOf(train) : undefined;
}

export interface DefaultOptions {
  /** Whether gradients may be clipped: a pipeline and parameter servers do not know their norm. Default: true. */
  readonly clip?: boolean;
  /** Rows that a part of a batch has at least, where there are as many. Default: 1. */
  readonly rowsOfPart?: number;
}

/**
 * `options` with all defaults that follow from the data, so that the record of a run does not depend on later defaults.
 * @param train the training rows, augmentation included
 */
export function withDefaults(
  options: TrainingOptions,
  train: Split,
  { clip = true, rowsOfPart = 1 }: DefaultOptions = {},
): TrainingOptions {
  const loss = options.loss ?? defaultLoss(train, options);
  const batch = options.batch ?? Math.max(defaultBatch(train.count), rowsOfPart * (options.parts ?? 1));
  const length = options.epochs ?? options.steps;
  return {
    ...options,
    loss,
    batch,
    layers: options.layers ?? [train.features, ...defaultHidden(train.features)],
    lr: options.lr ?? defaultRate({ ...options, loss }),
    ...(clip && loss === "mse" && options.clip === undefined && { clip: CLIP_OF_MSE }),
    ...(length === undefined && { epochs: defaultEpochs(train.count, batch) }),
  };
}
