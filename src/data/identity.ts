/**
 * The identity of a run's data, so that other data is never mistaken for it: the name, the number of rows, and a digest
 * of their values.
 */
import { createHash, type Hash } from "node:crypto";
import { DataError } from "../error.js";
import { type Dataset, type Split, sliceSplit } from "./dataset.js";
import type { TableColumns } from "./formats/format.js";

/** The facts by which one data set is told from another. */
export interface DataIdentity {
  readonly name: string;
  /** SHA-256 of all rows as they are stored, in hexadecimal. Labels, scale and location do not count. */
  readonly sha256: string;
  /** SHA-256 of the labels and targets, in hexadecimal, of a run that learns them. */
  readonly labelsSha256?: string;
  /** Number of rows. */
  readonly train: number;
  readonly test: number;
  /** Of a table that names its columns: those of other data are found by these names. */
  readonly columns?: TableColumns;
}

/** Bytes for one call of a hash, which refuses 2 GiB. */
const CHUNK = 1 << 28;
/** Labels for one call of a hash. */
const LABELS = 1 << 16;
/** Digits of a digest in messages. */
const SHOWN = 12;

export function identify({ name, train, test }: Dataset): DataIdentity {
  const hash = createHash("sha256");
  for (const { images, count, features } of [train, test]) {
    hash.update(`${images instanceof Uint8Array ? "u8" : "f32"} ${count} ${features}\n`);
    updateBytes(hash, images);
  }
  const { tableColumns } = train;
  return {
    ...{ name, sha256: hash.digest("hex"), train: train.count, test: test.count },
    ...(tableColumns && { columns: tableColumns }),
  };
}

/** The same with a digest of labels, by the names of their classes, and of targets. */
export function identifyLabelled(dataset: Dataset): DataIdentity {
  const hash = createHash("sha256");
  for (const { labels, classNames, targets } of [dataset.train, dataset.test]) {
    for (let start = 0; labels && start < labels.length; start += LABELS) {
      const names = Array.from(labels.subarray(start, start + LABELS), (label) => classNames?.[label] ?? String(label));
      hash.update(JSON.stringify(names));
    }
    if (targets) updateBytes(hash, targets);
    hash.update("\n");
  }
  return { ...identify(dataset), labelsSha256: hash.digest("hex") };
}

function updateBytes(hash: Hash, { buffer, byteOffset, byteLength }: Uint8Array | Float32Array): void {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  for (let start = 0; start < bytes.length; start += CHUNK) hash.update(bytes.subarray(start, start + CHUNK));
}

/**
 * Whether `dataset` holds exactly the rows of `known`, or with `more` further rows after them, as when a run took only
 * the first ones.
 * @param what begins the error, as in `cannot resume`
 * @throws DataError that names both when it holds others
 */
export function checkSameData(what: string, known: DataIdentity, dataset: Dataset, more = false): void {
  const same = more ? firstRows(dataset, known) : dataset;
  const found = known.labelsSha256 === undefined ? identify(same) : identifyLabelled(same);
  if (found.sha256 === known.sha256 && found.labelsSha256 === known.labelsSha256) return;
  if (found.sha256 === known.sha256) {
    throw new DataError(
      `${what}: the rows are those of ${describe(known)}, but their labels differ: name the data it was trained on with --dataset and --label, or take this with --other-data`,
    );
  }
  throw new DataError(
    `${what}: the checkpoint was trained on ${describe(known)}, and this is ${describe(found)}: name the data it was trained on with --dataset, or take this with --other-data`,
  );
}

function firstRows(dataset: Dataset, { train, test }: DataIdentity): Dataset {
  const first = (split: Split, count: number): Split => sliceSplit(split, 0, Math.min(count, split.count));
  return { ...dataset, train: first(dataset.train, train), test: first(dataset.test, test) };
}

function describe({ name, sha256, train, test }: DataIdentity): string {
  return `${name} (${train} + ${test} rows, SHA-256 ${sha256.slice(0, SHOWN)})`;
}
