/** The part of the data that a task learns: what the rows are like, the sizes that follow, and the targets of each row. */
import { type Dataset, type Split, targetsOf } from "../../data/dataset.js";
import { DataError } from "../../error.js";
import type { TrainingConfig, TrainingOptions } from "../config/config.js";
import { parseSparsity } from "../config/task-words.js";
import type { CheckedData } from "../fit/fit-data.js";
import { classesOf, countOf, howToLabel, refuseMissing, trainedClasses, withKnownClasses } from "./class-labels.js";
import type { Task } from "./task.js";

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
    const classes = trainedClasses(train, name);
    const layers = options.layers ?? [features, ...HIDDEN, classes];
    return { ...options, layers, rowFacts: { features, classes, ...namesOf(train) }, loss: "bce" };
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
    ...(isClass && { classes: countOf(train), ...namesOf(train) }),
    ...((labels || targets) && { numbers: targets ? targetsOf(train) : 1 }),
  };
}

/** Names of the classes by number: what the outputs of a network mean. */
const namesOf = ({ classNames }: Split) => classNames && { classNames: [...classNames] };

/** @throws DataError when there are no numbers */
function numbersOf(train: Split, name: string) {
  const values = numbers(train, name);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { numbers: values.length / train.count, mean, deviation: Math.sqrt(variance) || 1 };
}

function numbers(split: Split, name: string): Float32Array {
  const { targets, labels, classNames, origin } = split;
  if (targets) return targets;
  refuseMissing(origin, "task regress learns a number for each row");
  if (labels && !classNames) return Float32Array.from(labels);
  const hasNumbers = classNames?.some((one) => one.trim() !== "" && Number.isFinite(Number(one)));
  if (origin?.word !== undefined && hasNumbers) {
    throw new DataError(`${origin.word}, and task regress learns numbers: correct it, or leave such rows out`);
  }
  throw new DataError(
    `task regress needs a number for each row, and ${name} has ${classNames ? "words: learn them with --task classify" : `none: ${howToLabel(split, "trainTargets")}`}`,
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
  const known = withKnownClasses(split, task.classNames, name);
  checkClasses(known, name, task);
  return { ...known, targets: Float32Array.from(known.labels ?? []) };
}

function checkClasses(split: Split, name: string, { flat, network }: Task): void {
  const classes = classesOf(split, name);
  const { outputs } = flat.learned;
  if (classes <= outputs) return;
  const advice = network.config.layers
    ? `give layers that end with ${classes}`
    : `end the model with ${classes} outputs and the loss crossEntropy, or learn the labels as numbers with target: "targets"`;
  throw new DataError(
    `${name} has a label ${classes - 1}, and the network has ${outputs} outputs, for classes from 0: ${advice}`,
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
