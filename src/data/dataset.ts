/**
 * A data set: training rows, test rows, and their source. Rows stay as stored (a byte a pixel for pictures); a device
 * multiplies them by `scale` when it gathers a batch.
 */
import { Random } from "../world/random.js";
import type { TableColumns } from "./formats/format.js";

/** How columns are standardized: the mean is subtracted, and the rest divided by the deviation. */
export interface Columns {
  readonly mean: readonly number[];
  /** Standard deviations; 1 for a constant column. */
  readonly deviation: readonly number[];
}

/** Rows for training or for testing. */
export interface Split {
  /** `count x features` stored values, row-major. */
  readonly images: Uint8Array | Float32Array;
  readonly count: number;
  readonly features: number;
  /** Factor of stored values: 1/255 for grey bytes, 1 for values kept as they are. */
  readonly scale: number;
  /** `count` classes, if the source has them. */
  readonly labels?: Uint8Array | Int32Array;
  /** Numbers that belong to each row, `count` times as many: what a regression learns. */
  readonly targets?: Float32Array;
  /** [height, width] when a row is a picture. */
  readonly shape?: readonly [number, number];
  /** For a picture whose pixels have several values. */
  readonly colour?: Colour;
  /** Least and greatest brightness, if scaled values do not lie in [0, 1]: pictures are drawn between them. */
  readonly range?: readonly [number, number];
  /** Names of the classes by number, if the source has names. */
  readonly classNames?: readonly string[];
  /** For display: the files of the rows, and their type there; where the first label is that is no number, and the first row without one. */
  readonly origin?: {
    readonly files: readonly string[];
    readonly type: string;
    readonly word?: string;
    readonly missing?: string;
  };
  /** The columns of the table that the rows are of, if it names them. */
  readonly tableColumns?: TableColumns;
  /** How the columns were standardized, if they were: see `standardise`. */
  readonly columns?: Columns;
}

/** The order of a pixel's values: side by side, or each in a plane of its own. */
export interface Colour {
  /** Red, green, blue, and perhaps a fourth value that is not drawn. */
  readonly channels: 3 | 4;
  readonly planar: boolean;
}

/** Training rows and test rows. */
export interface Dataset {
  readonly name: string;
  /** One line for display: the source of the data. */
  readonly source: string;
  /** What `loadDataset` takes to load it again; a path is absolute. Absent for rows from a program's memory. */
  readonly reference?: string;
  readonly train: Split;
  readonly test: Split;
  /** Changes to the data that the user should know: files left out, values clamped. A line for each. */
  readonly remarks?: readonly string[];
  /** One line that the user must see, when the data is not what was asked for. */
  readonly notice?: string;
}

/**
 * Rows `start` to `end` of `split`; shares its memory.
 * @example
 * ```ts
 * import { data } from "dawnpour";
 *
 * const { train } = data.digitsDataset({ count: 60 });
 * console.log(data.sliceSplit(train, 20, 50).count); // 30
 * ```
 */
export function sliceSplit(split: Split, start: number, end: number): Split {
  return {
    ...split,
    images: split.images.subarray(start * split.features, end * split.features),
    count: end - start,
    ...(split.labels && { labels: split.labels.subarray(start, end) }),
    ...(split.targets && { targets: split.targets.subarray(start * targetsOf(split), end * targetsOf(split)) }),
  };
}

/** Numbers that belong to a row. */
export const targetsOf = ({ targets, count }: Pick<Split, "targets" | "count">): number =>
  (targets?.length ?? 0) / count;

/**
 * At most `most` rows of a split: one random row from each of that many stretches, because files are often sorted, and
 * some (MNIST) alternate. The same rows each time. Shares memory where the split has no more.
 */
export function sampleSplit(split: Split, most: number): Split {
  const { images, count, features, labels, targets } = split;
  if (count <= most) return split;
  const random = new Random(0, 0x5a3b1e);
  const rows = Array.from({ length: most }, (_, i) => Math.floor(((i + random.uniform()) * count) / most));
  const sampled = images.slice(0, most * features);
  for (const [i, row] of rows.entries()) {
    sampled.set(images.subarray(row * features, (row + 1) * features), i * features);
  }
  return {
    ...split,
    images: sampled,
    count: most,
    ...(labels && { labels: labels.slice(0, most).map((_, i) => labels[rows[i]]) }),
    ...(targets && { targets: rowsOf(targets, targetsOf(split), rows) }),
  };
}

function rowsOf(values: Float32Array, columns: number, rows: readonly number[]): Float32Array {
  const chosen = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    chosen.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return chosen;
}

/** The same rows, with `scale` as factor. */
export function scaleDataset(dataset: Dataset, scale: number): Dataset {
  return { ...dataset, train: { ...dataset.train, scale }, test: { ...dataset.test, scale } };
}

/**
 * At most the first `limit` rows of each split.
 * @example
 * ```ts
 * import { data } from "dawnpour";
 *
 * const few = data.limitDataset(data.digitsDataset({ count: 60 }), 5);
 * console.log(few.train.count, few.test.count); // 5 5
 * ```
 */
export function limitDataset(dataset: Dataset, limit: number): Dataset {
  const shorten = (split: Split): Split => sliceSplit(split, 0, Math.min(limit, split.count));
  return { ...dataset, train: shorten(dataset.train), test: shorten(dataset.test) };
}
