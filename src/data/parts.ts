/** Several arrays for one purpose: parts of one array, copies of one array, or a choice that the user has to make. */
import type { Labels, StoredTable, Values } from "./formats/format.js";

/** Values compared or joined at once. */
const BLOCK = 1 << 22;

/** Whether names differ in their numbers only, as `part-0.npy` and `part-1.npy` do. */
export function areNumbered(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.replace(/\d+/g, "#"))).size === 1;
}

/** Compares names with numbers by value: 2 before 10. */
export function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Whether two arrays hold the same values. */
export async function areEqual(a: StoredTable, b: StoredTable): Promise<boolean> {
  if (String(a.shape) !== String(b.shape) || a.type !== b.type) return false;
  const [count, ...inner] = a.shape;
  const step = Math.max(1, Math.floor(BLOCK / inner.reduce((product, extent) => product * extent, 1)));
  for (let row = 0; row < count; row += step) {
    const end = Math.min(count, row + step);
    const [first, second] = [await a.rows(row, end), await b.rows(row, end)];
    if (!first.every((value, i) => value === second[i])) return false;
  }
  return true;
}

/** All rows of `arrays`, one array after the other. They must agree in all dimensions but the first. */
export function joined(arrays: readonly StoredTable[]): StoredTable {
  if (arrays.length === 1) return arrays[0];
  const [first] = arrays;
  const count = arrays.reduce((sum, { shape }) => sum + shape[0], 0);
  const isLabelled = arrays.every(({ labels }) => labels !== undefined);
  return {
    ...first,
    shape: [count, ...first.shape.slice(1)],
    rows: async (start, end) =>
      joinValues(await overlapping(arrays, start, end, (array, from, to) => array.rows(from, to))),
    labels: isLabelled
      ? async (start, end) =>
          joinLabels(
            await overlapping(arrays, start, end, (array, from, to) => array.labels?.(from, to) ?? Promise.resolve([])),
          )
      : undefined,
  };
}

async function overlapping<T>(
  arrays: readonly StoredTable[],
  start: number,
  end: number,
  read: (array: StoredTable, from: number, to: number) => Promise<T>,
): Promise<T[]> {
  const pieces: T[] = [];
  let begin = 0;
  for (const array of arrays) {
    const [from, to] = [Math.max(start, begin), Math.min(end, begin + array.shape[0])];
    if (from < to) pieces.push(await read(array, from - begin, to - begin));
    begin += array.shape[0];
  }
  return pieces;
}

export function joinValues(pieces: readonly Values[]): Values {
  if (pieces.length === 1) return pieces[0];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = pieces.every((piece) => piece instanceof Uint8Array)
    ? new Uint8Array(length)
    : pieces.some((piece) => piece instanceof Float32Array)
      ? new Float32Array(length)
      : new Int32Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function joinLabels(pieces: readonly Labels[]): Labels {
  const isNumbers = (piece: Labels): piece is Values => ArrayBuffer.isView(piece);
  return pieces.every(isNumbers) ? joinValues(pieces) : pieces.flatMap((piece) => Array.from(piece, String));
}
