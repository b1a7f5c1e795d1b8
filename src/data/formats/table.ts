/** The formats that are read. What tells them apart is how their files begin, never a name; text comes last, for any letters can be text. */
import { ARROW } from "./arrow.js";
import { CSV } from "./csv.js";
import type { Format } from "./format.js";
import { IDX } from "./idx.js";
import { NPY } from "./npy.js";
import { NPZ } from "./npz.js";
import { PARQUET } from "./parquet.js";

export const FORMATS: readonly Format[] = [NPY, NPZ, PARQUET, ARROW, IDX, CSV];

/** `NPY, NPZ, Parquet, Arrow, IDX, CSV`; folders of PNG are read, too, but no file of theirs is a data set. */
export const FORMAT_NAMES = FORMATS.map(({ name }) => name).join(", ");

/** Whether a file's name is one that data has: `train.npy`, `train-images.idx3-ubyte.gz`. */
export function hasDataName(name: string): boolean {
  const ending = /(?:[.-]|^)([a-z0-9]+)(\.gz)?$/i.exec(name)?.[1].toLowerCase() ?? "";
  return FORMATS.some(({ endings }) => endings.includes(ending)) && !/readme|license/i.test(name);
}
