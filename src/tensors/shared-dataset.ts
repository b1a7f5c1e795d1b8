/** The images of a data set in memory that all nodes share: loaded once, however many workers start. */
import type { Dataset, Split } from "../data/dataset.js";

/** The location of a split, as plain data. */
interface SharedSplit {
  readonly type: "u8" | "f32";
  /** Bytes. */
  readonly offset: number;
  readonly count: number;
  readonly features: number;
  readonly scale: number;
}

export interface SharedDataset {
  readonly bytes: number;
  readonly train: SharedSplit;
  readonly test: SharedSplit;
}

/** Splits begin on a page, so that a device can use them in place. */
const ALIGNMENT = 4096;

/** The layout of a data set. */
export function layOut({ train, test }: Dataset): SharedDataset {
  const second = Math.ceil(train.images.byteLength / ALIGNMENT) * ALIGNMENT;
  return {
    bytes: second + test.images.byteLength,
    train: describe(train, 0),
    test: describe(test, second),
  };
}

function describe({ images, count, features, scale }: Split, offset: number): SharedSplit {
  return { type: images instanceof Uint8Array ? "u8" : "f32", offset, count, features, scale };
}

/** Copies a data set to shared memory. */
export function share(dataset: Dataset, shared: SharedDataset, memory: ArrayBuffer): void {
  imagesOf(shared.train, memory).set(dataset.train.images);
  imagesOf(shared.test, memory).set(dataset.test.images);
}

/** A node's view of the data set. */
export function openShared(shared: SharedDataset, memory: ArrayBuffer): Pick<Dataset, "train" | "test"> {
  const open = (split: SharedSplit): Split => ({ ...split, images: imagesOf(split, memory) });
  return { train: open(shared.train), test: open(shared.test) };
}

function imagesOf({ type, offset, count, features }: SharedSplit, memory: ArrayBuffer): Uint8Array | Float32Array {
  const length = count * features;
  return type === "u8" ? new Uint8Array(memory, offset, length) : new Float32Array(memory, offset, length);
}
