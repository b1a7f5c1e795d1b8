/** Rows in memory that a model of one's own learns from, or is measured by. */
import { brief, DataError, UsageError } from "../../error.js";
import type { ModelSource } from "../../model/model-ops.js";
import { type Keys, refuseUnknownKeys } from "../../option-keys.js";

/** Rows, and what a model should make of each: `y`, the class `labels`, or without both the row itself. */
export interface FitData {
  /** Values of all rows, row by row. */
  readonly x: Float32Array | Uint8Array;
  /** Values of a row. */
  readonly features: number;
  /** Factor of the values of `x`. Default: 1. */
  readonly scale?: number;
  /** Targets of all rows, row by row. */
  readonly y?: Float32Array;
  /** The class of each row, a number from 0. */
  readonly labels?: Uint8Array | Uint32Array | Int32Array;
}

const KEYS: Keys<FitData> = { x: true, features: true, scale: true, y: true, labels: true };

/** Data that is checked, as devices take it. */
export interface CheckedData {
  readonly source: ModelSource;
  readonly x: Float32Array | Uint8Array;
  readonly features: number;
  /** Columns of the target. */
  readonly targets: number;
  /** Absent where a row is its own target. */
  readonly y?: Float32Array;
}

/**
 * The rows of all pieces, one after the other.
 * @param what the data is called
 * @throws DataError when pieces do not fit one another
 */
export async function collected(data: FitData | AsyncIterable<FitData>, what: string): Promise<FitData> {
  if (typeof data !== "object" || data === null || !(Symbol.asyncIterator in data)) return data;
  const pieces: FitData[] = [];
  for await (const piece of data) pieces.push(piece);
  const [first] = pieces;
  if (!first) throw new DataError(`${what}: its iterator gave nothing: it must give objects with x and features`);
  for (const [i, piece] of pieces.entries()) {
    checkedData(piece, `${what}, piece ${i}`);
    const differs = DESCRIBING.find((key) => piece[key] !== first[key]);
    const kinds = (["x", "y", "labels"] as const).find((key) => piece[key]?.constructor !== first[key]?.constructor);
    const wrong = differs ?? kinds;
    if (wrong) throw new DataError(`${what}: piece ${i} has another ${wrong} than piece 0: give all the same`);
  }
  const join = <T extends Float32Array | Uint8Array | Uint32Array | Int32Array>(arrays: readonly T[]): T => {
    const whole = new (arrays[0].constructor as new (length: number) => T)(
      arrays.reduce((sum, { length }) => sum + length, 0),
    );
    let at = 0;
    for (const array of arrays) {
      whole.set(array, at);
      at += array.length;
    }
    return whole;
  };
  const { y, labels } = first;
  return {
    ...first,
    x: join(pieces.map((piece) => piece.x)),
    ...(y && { y: join(pieces.map((piece) => piece.y ?? y)) }),
    ...(labels && { labels: join(pieces.map((piece) => piece.labels ?? labels)) }),
  };
}

/** What all pieces have alike. */
const DESCRIBING = ["features", "scale"] as const;

/**
 * @param what the data is called
 * @throws UsageError or DataError when arrays contradict one another, or hold what is no number or no class
 */
export function checkedData(data: FitData, what: string): CheckedData {
  if (typeof data !== "object" || data === null) throw new UsageError(`${what} must be an object with x and features`);
  refuseUnknownKeys(data, KEYS, what);
  const { x, features, scale = 1, y, labels } = data;
  if (!(x instanceof Float32Array || x instanceof Uint8Array)) {
    throw new UsageError(`${what}: x must be a Float32Array or a Uint8Array of all rows in a line`);
  }
  if (!Number.isSafeInteger(features) || features < 1 || x.length === 0 || x.length % features !== 0) {
    throw new DataError(
      `${what}: x has ${x.length} values, which are not whole rows of ${features}: check features, or its length`,
    );
  }
  if (typeof scale !== "number" || !Number.isFinite(scale)) {
    throw new DataError(`${what}: scale must be a finite number, got ${brief(scale)}`);
  }
  if (y && labels) throw new UsageError(`${what} has y and labels: give one of them`);
  const count = x.length / features;
  checkFinite(`${what}: x`, x);
  const type = x instanceof Uint8Array ? "u8" : "f32";
  const source = { type, count, scale, target: y || labels ? "own" : "input", classes: labels !== undefined } as const;
  if (labels) return { source, x, features, targets: 1, y: checkedLabels(labels, count, what) };
  if (!y) return { source, x, features, targets: features };
  if (!(y instanceof Float32Array) || y.length === 0 || y.length % count !== 0) {
    throw new DataError(`${what}: y must be a Float32Array of ${count} whole rows, as x has, got ${y.length} values`);
  }
  checkFinite(`${what}: y`, y);
  return { source, x, features, targets: y.length / count, y };
}

function checkedLabels(labels: NonNullable<FitData["labels"]>, count: number, what: string): Float32Array {
  if (labels.length !== count) {
    throw new DataError(`${what} has ${count} rows and ${labels.length} labels; they must match`);
  }
  const wrong = labels.findIndex((label: number) => !Number.isSafeInteger(label) || label < 0);
  if (wrong >= 0) {
    throw new DataError(`${what}: label ${wrong} is ${brief(labels[wrong])}: classes are whole numbers from 0`);
  }
  return Float32Array.from(labels);
}

/** @throws DataError when a class has no column in the output of the model */
export function checkClasses({ y, source }: CheckedData, outputs: number, what: string): void {
  if (!source.classes || !y) return;
  const wrong = y.findIndex((label) => label >= outputs);
  if (wrong < 0) return;
  throw new DataError(
    `${what}: label ${wrong} is ${y[wrong]}, but the model has ${outputs} outputs: give its last layer a unit for each class, or give y instead of labels`,
  );
}

function checkFinite(what: string, values: Float32Array | Uint8Array): void {
  if (values instanceof Uint8Array) return;
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new DataError(`${what}: value ${wrong} is ${values[wrong]}: values must be finite`);
}
