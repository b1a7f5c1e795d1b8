/** The figures of a run that is no autoencoder: loss and terms on train and test rows, and what a table of its predictions says. */
import type { Dataset, Split } from "../data/dataset.js";
import { targetsOf } from "../data/dataset.js";
import type { ModelMetrics } from "./fit/model-evaluation.js";
import { splitWithTargets } from "./task/task-data.js";
import type { TrainedModel } from "./trained-model.js";

/** Classes beyond which a table of all pairs of them has no use, and no room. */
const MOST_CLASSES = 1024;

/** How often rows of each class were taken for each class. */
export interface Confusion {
  /** Row i has the rows of class i, by the class that they were taken for. */
  readonly counts: readonly (readonly number[])[];
  readonly names?: readonly string[];
}

/** Results of a run that is no autoencoder. */
export interface ModelMeasures {
  readonly train: ModelMetrics;
  readonly test: ModelMetrics;
  /** Of the test rows, where targets are classes. */
  readonly confusion?: Confusion;
}

/** @param dataset as it was loaded */
export async function measureModel(trained: TrainedModel, dataset: Dataset): Promise<ModelMeasures> {
  const { task } = trained;
  const [train, test] = [await trained.evaluate(dataset.train), await trained.evaluate(dataset.test)];
  if (task.target === "input") return { train, test };
  const split = splitWithTargets(dataset.test, task, dataset.name);
  const made = await trained.predict(split);
  if (task.target === "labels") {
    const { outputs } = trained.sizes;
    return { train, test, ...(outputs <= MOST_CLASSES && { confusion: confusionOf(split, made, outputs) }) };
  }
  return { train, test: { ...test, ...spreadOf(split, made) } };
}

/** Of classes that are as likely, the first counts. */
function confusionOf(
  { targets = new Float32Array(), classNames }: Split,
  logits: Float32Array,
  classes: number,
): Confusion {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [row, label] of targets.entries()) {
    const one = logits.subarray(row * classes, (row + 1) * classes);
    counts[label][likeliest(one)]++;
  }
  return { counts, ...(classNames && { names: classNames }) };
}

/** The class of an output: the place of the first of the greatest values. */
export function likeliest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** In the units of the data: the root of the mean squared error, and the share of the variance that the model explains. */
function spreadOf(split: Split, made: Float32Array): ModelMetrics {
  const { targets = new Float32Array() } = split;
  const columns = targetsOf(split);
  const means = Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = j; i < targets.length; i += columns) sum += targets[i];
    return sum / split.count;
  });
  let [error, variance] = [0, 0];
  for (const [i, target] of targets.entries()) {
    error += (made[i] - target) ** 2;
    variance += (target - means[i % columns]) ** 2;
  }
  return { rmse: Math.sqrt(error / targets.length), ...(variance > 0 && { r2: 1 - error / variance }) };
}
