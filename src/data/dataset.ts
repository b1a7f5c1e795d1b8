/**
 * A data set: rows of numbers to train on, rows to test on, and where they came from. Rows stay as stored (a byte a pixel
 * for pictures); `scale` turns them into brightnesses, on the device, when a batch is gathered.
 */
import { Random } from "../world/random.js";

/** How columns are brought to one scale: what is subtracted from each, and what the rest is divided by. */
export interface Columns {
  readonly mean: readonly number[];
  /** Standard deviations; 1 for a column that never changes. */
  readonly deviation: readonly number[];
}

/** Rows for one purpose. */
export interface Split {
  /** `count x features` stored values, row-major. */
  readonly images: Uint8Array | Float32Array;
  readonly count: number;
  readonly features: number;
  /** What a stored value is multiplied by: 1/255 for grey bytes, 1 for values kept as they are. */
  readonly scale: number;
  /** `count` classes, where the source names them. */
  readonly labels?: Uint8Array | Int32Array;
  /** [height, width] when a row is a picture. */
  readonly shape?: readonly [number, number];
  /** Of a picture in colour. Absent when a pixel is one value. */
  readonly colour?: Colour;
  /** Least and greatest brightness when values do not lie in [0, 1] after scaling: pictures are drawn between them. */
  readonly range?: readonly [number, number];
  /** What classes are called, by their number, where the source has names for them. */
  readonly classNames?: readonly string[];
  /** For people: the files that the rows are from, and the type that these store. */
  readonly origin?: { readonly files: readonly string[]; readonly type: string };
  /** How the columns were brought to one scale, where they were: see `standardise`. */
  readonly columns?: Columns;
}

/** How the values of a pixel lie: beside one another, or each in a plane of its own. */
export interface Colour {
  /** Red, green, blue, and perhaps a fourth that is not drawn. */
  readonly channels: 3 | 4;
  readonly planar: boolean;
}

/** Rows to train on and rows to test on. */
export interface Dataset {
  readonly name: string;
  /** One line for people: where the data came from. */
  readonly source: string;
  /** How to ask for it again: what `loadDataset` takes, a path being absolute. Absent for rows from a program's memory. */
  readonly reference?: string;
  readonly train: Split;
  readonly test: Split;
  /** What was done with the data that the user should know: files left out, values clamped. A line for each. */
  readonly remarks?: readonly string[];
  /** One line that the user must see, when the data is not what was asked for. */
  readonly notice?: string;
}

/** Rows `start` to `end` of `split`; shares its memory. */
export function sliceSplit(split: Split, start: number, end: number): Split {
  return {
    ...split,
    images: split.images.subarray(start * split.features, end * split.features),
    count: end - start,
    ...(split.labels && { labels: split.labels.subarray(start, end) }),
  };
}

/**
 * At most `most` rows of a split: of that many stretches of it one row each, at random, for files are often sorted, and some
 * (MNIST) take turns. The same ones each time. Shares memory where the split has no more.
 */
export function sampleSplit(split: Split, most: number): Split {
  const { images, count, features, labels } = split;
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
  };
}

/** The same rows, multiplied by `scale` instead. */
export function scaleDataset(dataset: Dataset, scale: number): Dataset {
  return { ...dataset, train: { ...dataset.train, scale }, test: { ...dataset.test, scale } };
}

/** At most the first `limit` rows of each split. */
export function limitDataset(dataset: Dataset, limit: number): Dataset {
  const shorten = (split: Split): Split => sliceSplit(split, 0, Math.min(limit, split.count));
  return { ...dataset, train: shorten(dataset.train), test: shorten(dataset.test) };
}
