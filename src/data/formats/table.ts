/**
 * The formats that Dawnpour reads. The first bytes of a file decide, never its name; text comes last, because any bytes
 * can be text.
 */
import { Definitions, isUserName } from "../../definitions.js";
import { ARROW } from "./arrow.js";
import { CSV } from "./csv.js";
import type { Format } from "./format.js";
import { IDX } from "./idx.js";
import { NPY } from "./npy.js";
import { NPZ } from "./npz.js";
import { PARQUET } from "./parquet.js";

/** All formats. `formats.add` adds one. */
export const formats = new Definitions<Format>("format", [NPY, NPZ, PARQUET, ARROW, IDX, CSV]);

/** `NPY, NPZ, Parquet, Arrow, IDX, CSV`; folders of PNG pictures are read too, but no single PNG is a data set. */
export const FORMAT_NAMES = formats.names().join(", ");

/**
 * The format of a file that begins with `start`, some kilobytes of it; undefined when it is none of these. Users' own come
 * first, for any letters can be text.
 */
export function formatOf(start: Uint8Array, file: string): Format | undefined {
  const all = formats.all();
  const ordered = [...all.filter(({ name }) => isUserName(name)), ...all];
  return ordered.find(({ recognises }) => recognises(start, file));
}

/** Whether a file's name has the ending of a data file: `train.npy`, `train-images.idx3-ubyte.gz`. */
export function hasDataName(name: string): boolean {
  const ending = /(?:[.-]|^)([a-z0-9]+)(\.gz)?$/i.exec(name)?.[1].toLowerCase() ?? "";
  return formats.all().some(({ endings }) => endings.includes(ending)) && !/readme|license/i.test(name);
}
