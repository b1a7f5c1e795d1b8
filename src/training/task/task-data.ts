/** The part of the data that a task learns: what the rows are like, the sizes that follow, and the targets of each row. */
import { type Dataset, type Split, targetsOf } from "../../data/dataset.js";
import { DataError } from "../../error.js";
import type { TrainingConfig, TrainingOptions } from "../config.js";
import type { CheckedData } from "../fit/fit-data.js";
import type { Task } from "./task.js";
import { parseSparsity } from "./words.js";

/** Hidden sizes of classifiers and regressions. */
const HIDDEN = [256, 128];

/**
 * `options` with what follows from the task and the rows.
 * @throws DataError when the data have no such targets
 */
export function withFacts(options: TrainingOptions, { train, name }: Pick<Dataset, "train" | "name">): TrainingOptions {
  const { task = "autoencoder", model, sparse, codeActivation } = options;
  if (model !== undefined) return { ...options, loss: "bce", rowFacts: ownFacts(train) };
  if (task === "autoencoder") {
    const isKl = sparse !== undefined && parseSparsity(sparse).kind === "kl";
    return isKl ? { ...options, codeActivation: codeActivation ?? "sigmoid" } : options;
  }
  const { features } = train;
  if (task === "classify") {
    const classes = classesOf(train, name);
    const layers = options.layers ?? [features, ...HIDDEN, classes];
    return { ...options, layers, rowFacts: { features, classes }, loss: "bce" };
  }
  const facts = numbersOf(train, name);
  const layers = options.layers ?? [features, ...HIDDEN, facts.numbers];
  return { ...options, layers, rowFacts: { features, ...facts }, loss: "mse" };
}

function ownFacts(train: Split): TrainingConfig["rowFacts"] {
  const { features, labels, targets } = train;
  const isClass = labels && labels.length > 0 && labels.every((label) => label >= 0);
  return {
    features,
    ...(isClass && { classes: countOf(train) }),
    ...((labels || targets) && { numbers: targets ? targetsOf(train) : 1 }),
  };
}

/** @throws DataError when there are no labels, or some that are no classes */
function classesOf(train: Split, name: string): number {
  const { labels } = train;
  if (!labels) {
    throw new DataError(
      `task classify needs a class for each row, and ${name} has ${train.targets ? "numbers that are not whole" : "none"}: name their column with --label${train.targets ? ", or learn the numbers with --task regress" : ""}`,
    );
  }
  const wrong = labels.findIndex((label: number) => label < 0);
  if (wrong >= 0) throw new DataError(`${name}: label ${wrong} is ${labels[wrong]}: classes are whole numbers from 0`);
  const classes = countOf(train);
  if (train.targets && classes > train.count / 2) {
    throw new DataError(
      `${name} has ${classes} different labels in ${train.count} rows, too many for classes: learn them as numbers with --task regress`,
    );
  }
  return classes;
}

const countOf = ({
  labels = [],
  classNames = [],
}: {
  readonly labels?: Iterable<number>;
  readonly classNames?: readonly string[];
}): number => {
  let most = -1;
  for (const label of labels) most = Math.max(most, label);
  return Math.max(most + 1, classNames.length);
};

/** @throws DataError when there are no numbers */
function numbersOf(train: Split, name: string) {
  const values = numbers(train, name);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { numbers: values.length / train.count, mean, deviation: Math.sqrt(variance) || 1 };
}

function numbers({ targets, labels, classNames }: Split, name: string): Float32Array {
  if (targets) return targets;
  if (labels && !classNames) return Float32Array.from(labels);
  throw new DataError(
    `task regress needs a number for each row, and ${name} has ${classNames ? "words: learn them with --task classify" : "none: name their column with --label"}`,
  );
}

/** The same rows with the targets of a task, and with no others. @throws DataError when there are none */
export function withTargets(dataset: Dataset, task: Task | undefined): Dataset {
  const { name } = dataset;
  return {
    ...dataset,
    train: splitWithTargets(dataset.train, task, name),
    test: splitWithTargets(dataset.test, task, name),
  };
}

/** The same for one split. @param name of the data, for errors */
export function splitWithTargets({ targets, ...split }: Split, task: Task | undefined, name: string): Split {
  const target = task?.target ?? "input";
  if (!task || target === "input") return split;
  if (target === "targets") return { ...split, targets: numbers({ targets, ...split }, name) };
  checkClasses(split, name, task.flat.learned.outputs);
  return { ...split, targets: Float32Array.from(split.labels ?? []) };
}

function checkClasses(split: Split, name: string, outputs: number): void {
  const classes = classesOf(split, name);
  if (classes <= outputs) return;
  throw new DataError(
    `${name} has a label ${classes - 1}, and the network has ${outputs} outputs, for classes from 0: give layers that end with ${classes}`,
  );
}

/** A split as devices take it. */
export function checkedSplit({ images, count, scale, features, targets }: Split, { target }: Task): CheckedData {
  const source = {
    type: images instanceof Uint8Array ? ("u8" as const) : ("f32" as const),
    ...{ count, scale, classes: target === "labels" },
    target: target === "input" ? ("input" as const) : ("own" as const),
  };
  const columns = target === "input" ? features : targetsOf({ targets, count });
  return { source, x: images, features, targets: columns, ...(target !== "input" && { y: targets }) };
}
