/**
 * Data in a program's memory. The checks are those of data from files: lengths, types, and that every value is finite.
 */
import { DataError, UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import type { Dataset, Split } from "./dataset.js";
import { describeShape } from "./formats/numbers.js";
import { settleScale } from "./scale.js";
import { guessShape } from "./shape.js";
import { checkAgreement, checkFinite, holdOut } from "./split.js";

/** Values of rows, row-major: bytes of pictures, or numbers. */
export type Values = Split["images"];

/** Rows as plain arrays. */
export interface RowsInMemory {
  /** Default: `memory`. */
  readonly name?: string;
  readonly train: Values;
  /** Default: the last tenth of `train`, which is then not trained on. */
  readonly test?: Values;
  /** Values of a row. Default: the product of `shape`, else the first of the layers. */
  readonly features?: number;
  /** [height, width], where a row is a picture. */
  readonly shape?: readonly [number, number];
  /** Factor of values. Default: from the values, as for files: see `data/scale.ts`. */
  readonly scale?: number;
  /** A class for each row of `train`. */
  readonly trainLabels?: Split["labels"];
  readonly testLabels?: Split["labels"];
  /** Numbers that belong to each row of `train`, row by row, which a regression learns. */
  readonly trainTargets?: Float32Array;
  readonly testTargets?: Float32Array;
}

const KEYS: Keys<RowsInMemory> = {
  name: true,
  train: true,
  test: true,
  features: true,
  shape: true,
  scale: true,
  trainLabels: true,
  testLabels: true,
  trainTargets: true,
  testTargets: true,
};

/**
 * A data set of rows in memory, with the checks of rows from files.
 * @param features values of a row, if `given` does not tell
 * @throws UsageError when a part is missing or of a wrong type
 * @throws DataError when lengths contradict each other, or a value is not finite
 * @example
 * ```ts
 * import { datasetInMemory } from "dawnpour";
 *
 * const train = Float32Array.from({ length: 40 }, (_, i) => (i % 10) / 10);
 * const dataset = datasetInMemory({ train, features: 4 });
 * console.log(dataset.train.count, dataset.test.count); // 9 1
 * ```
 */
export function datasetInMemory(given: Dataset | RowsInMemory, features?: number): Dataset {
  if (typeof given !== "object" || given === null) {
    throw new UsageError(`dataset must be a name or an object with train, got ${kindOf(given)}`);
  }
  const dataset = isDataset(given) ? checked(given) : fromRows(given, features);
  if (typeof dataset.name !== "string" || dataset.name === "") {
    throw new UsageError(`dataset: name must be text of at least one letter, got ${kindOf(dataset.name)}`);
  }
  checkAgreement(dataset.train, dataset.test, `dataset ${dataset.name}`);
  return dataset;
}

function checked(dataset: Dataset): Dataset {
  checkSplit(dataset.train, "train");
  checkSplit(dataset.test, "test");
  return dataset;
}

function isDataset(given: Dataset | RowsInMemory): given is Dataset {
  return typeof given.train === "object" && given.train !== null && "images" in given.train;
}

function fromRows(rows: RowsInMemory, fallback: number | undefined): Dataset {
  refuseUnknownKeys(rows, KEYS, "dataset");
  const { name = "memory", shape } = rows;
  const features = rows.features ?? (shape ? shape[0] * shape[1] : fallback);
  if (features === undefined || !Number.isSafeInteger(features) || features < 1) {
    throw new UsageError(
      `dataset: say how many values a row has, with features or shape; got ${features ?? "neither"}`,
    );
  }
  const split = (key: "train" | "test", images: Values): Split => {
    const [labels, targets] = [rows[`${key}Labels`], rows[`${key}Targets`]];
    checkValues(images, key);
    if (images.length === 0 || images.length % features !== 0) {
      throw new DataError(
        `dataset: ${key} has ${images.length} values, which are not whole rows of ${features}: check features, or its length`,
      );
    }
    const count = images.length / features;
    const picture = shape ? { shape } : guessShape([features]);
    const beside = { ...(labels && { labels }), ...(targets && { targets }) };
    const made: Split = { images, count, features, scale: rows.scale ?? 1, ...beside, ...picture };
    checkSplit(made, key);
    return made;
  };
  const train = split("train", rows.train);
  const given = rows.test ? { train, test: split("test", rows.test) } : holdOut(train, `dataset ${name}`);
  const { splits, remarks } = settleScale([given.train, given.test], rows.scale);
  const [trained, test] = splits;
  const source = `${name}, ${trained.count} + ${test.count} rows in memory`;
  return { name, source, train: trained, test, ...(remarks.length > 0 && { remarks }) };
}

function checkValues(values: unknown, key: string): asserts values is Values {
  if (values instanceof Uint8Array || values instanceof Float32Array) return;
  throw new UsageError(
    `dataset: ${key} must be a Float32Array or a Uint8Array with all rows one after the other, got ${kindOf(values)}: convert it, as in Float32Array.from(rows.flat())`,
  );
}

function checkSplit(split: Split, key: string): void {
  const where = `dataset: ${key}`;
  if (typeof split !== "object" || split === null) {
    throw new UsageError(`${where} must be an object with images, count, features and scale, got ${kindOf(split)}`);
  }
  const { images, count, features, scale, labels, shape } = split;
  checkValues(images, `${key}.images`);
  for (const [name, size] of Object.entries({ count, features })) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new UsageError(`${where}.${name} must be a whole number from 1, got ${kindOf(size)}`);
    }
  }
  if (images.length !== count * features) {
    throw new DataError(`${where} has ${images.length} values; ${count} rows of ${features} are ${count * features}`);
  }
  if (typeof scale !== "number" || !Number.isFinite(scale) || scale === 0) {
    throw new UsageError(`${where}.scale must be a number other than 0, got ${kindOf(scale)}`);
  }
  if (labels && labels.length !== count) {
    throw new DataError(`${where} has ${count} rows and ${labels.length} labels; they must match`);
  }
  checkTargets(split, where);
  const channels = split.colour?.channels ?? 1;
  if (shape && shape[0] * shape[1] * channels !== features) {
    const extents = [...shape, ...(channels > 1 ? [channels] : [])];
    throw new DataError(`${where}: a picture of ${describeShape(extents)} is not ${features} values; they must match`);
  }
  checkFinite(images, features, where);
}

function checkTargets({ targets, count }: Split, where: string): void {
  if (targets === undefined) return;
  if (!(targets instanceof Float32Array) || targets.length === 0 || targets.length % count !== 0) {
    throw new DataError(
      `${where} has ${count} rows and targets of ${targets.length ?? kindOf(targets)} numbers; give a Float32Array with as many for each row`,
    );
  }
  checkFinite(targets, targets.length / count, `${where}, targets`);
}

/** A value in a few characters, whatever its length. */
function kindOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return `${value.constructor?.name ?? "an object"}`;
  return typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value).slice(0, 40);
}
