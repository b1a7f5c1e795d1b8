/**
 * The data of a search: some training rows are withheld to compare the candidates, so that the test rows choose nothing. The
 * rest is put in random order once; the rows of a rung are the first of them, so a larger rung has those of a smaller one.
 */
import type { Dataset, Split } from "../data/dataset.js";
import { sliceSplit } from "../data/dataset.js";
import { Random } from "../world/random.js";
import { shuffled } from "./candidates.js";

const STREAM = 0x5ab5e7;

interface SearchData {
  /** In random order. */
  readonly train: Split;
  readonly withheld: Split;
}

/** @param fraction of the training rows that is withheld */
export function splitForSearch({ train }: Dataset, fraction: number, seed: number): SearchData {
  const order = shuffled(train.count, new Random(seed, STREAM));
  const withheld = Math.max(1, Math.round(fraction * train.count));
  return { train: pick(train, order.slice(withheld)), withheld: pick(train, order.slice(0, withheld)) };
}

/** The data of a rung. */
export function subset(dataset: Dataset, { train, withheld }: SearchData, images: number): Dataset {
  const { reference: _, ...rest } = dataset;
  return { ...rest, train: sliceSplit(train, 0, Math.min(images, train.count)), test: withheld };
}

function pick(split: Split, rows: readonly number[]): Split {
  const { images, features, labels } = split;
  const picked = images.slice(0, rows.length * features);
  for (const [i, row] of rows.entries()) {
    picked.set(images.subarray(row * features, (row + 1) * features), i * features);
  }
  return {
    ...split,
    images: picked,
    count: rows.length,
    ...(labels && { labels: labels.slice(0, rows.length).map((_, i) => labels[rows[i]]) }),
  };
}
