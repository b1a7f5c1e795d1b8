/** The images of a data set, and their targets, in memory that all nodes share: loaded once, however many workers start. */
import type { Dataset, Split } from "../data/dataset.js";

/** The location of a split, as plain data. */
interface SharedSplit {
  readonly type: "u8" | "f32";
  /** Bytes. */
  readonly offset: number;
  readonly count: number;
  readonly features: number;
  readonly scale: number;
  /** Numbers that belong to the rows, f32. */
  readonly targets?: { readonly offset: number; readonly length: number };
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
  let end = 0;
  const place = ({ byteLength }: { readonly byteLength: number }): number => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = offset + byteLength;
    return offset;
  };
  const describe = ({ images, count, features, scale, targets }: Split): SharedSplit => ({
    ...{ type: images instanceof Uint8Array ? "u8" : "f32", offset: place(images), count, features, scale },
    ...(targets && { targets: { offset: place(targets), length: targets.length } }),
  });
  const [first, second] = [describe(train), describe(test)];
  return { bytes: end, train: first, test: second };
}

/** Copies a data set to shared memory. */
export function share(dataset: Dataset, shared: SharedDataset, memory: ArrayBuffer): void {
  for (const key of ["train", "test"] as const) {
    imagesOf(shared[key], memory).set(dataset[key].images);
    targetsOf(shared[key], memory)?.set(dataset[key].targets ?? []);
  }
}

/** A node's view of the data set. */
export function openShared(shared: SharedDataset, memory: ArrayBuffer): Pick<Dataset, "train" | "test"> {
  const open = ({ targets: _, ...split }: SharedSplit, targets: Float32Array | undefined): Split => ({
    ...{ ...split, images: imagesOf(split, memory) },
    ...(targets && { targets }),
  });
  return {
    train: open(shared.train, targetsOf(shared.train, memory)),
    test: open(shared.test, targetsOf(shared.test, memory)),
  };
}

function imagesOf({ type, offset, count, features }: SharedSplit, memory: ArrayBuffer): Uint8Array | Float32Array {
  const length = count * features;
  return type === "u8" ? new Uint8Array(memory, offset, length) : new Float32Array(memory, offset, length);
}

function targetsOf({ targets }: SharedSplit, memory: ArrayBuffer): Float32Array | undefined {
  return targets && new Float32Array(memory, targets.offset, targets.length);
}
