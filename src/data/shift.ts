/**
 * More pictures from the given ones: each is also moved by one pixel to the left, the right, up and down. New edges
 * take the background. The copies delay overfitting.
 */
import { UsageError } from "../error.js";
import type { Split } from "./dataset.js";

/** [rows, columns] by which the copies are moved; the picture itself comes first. */
const MOVES = [
  [0, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, 0],
] as const;

/**
 * The pictures of `split`, then all of them moved in each direction: five times as many. @throws UsageError for rows
 * that are no pictures
 */
export function withShiftedCopies(split: Split): Split {
  const { images, count, features, shape, labels, targets } = split;
  if (!shape) throw new UsageError("augment shift moves pictures, and the rows of this data have no height and width");
  const all = images instanceof Uint8Array ? new Uint8Array(5 * images.length) : new Float32Array(5 * images.length);
  for (const [copy, move] of MOVES.entries()) {
    for (let i = 0; i < count; i++) {
      const to = all.subarray((copy * count + i) * features, (copy * count + i + 1) * features);
      movePicture(images.subarray(i * features, (i + 1) * features), shape, move, to);
    }
  }
  return {
    ...{ ...split, images: all, count: 5 * count },
    ...(labels && { labels: repeated(labels) }),
    ...(targets && { targets: repeated(targets) }),
  };
}

function movePicture(
  from: Uint8Array | Float32Array,
  [height, width]: readonly [number, number],
  [down, right]: readonly [number, number],
  to: Uint8Array | Float32Array,
): void {
  const first = Math.max(0, right);
  const columns = width - Math.abs(right);
  for (let row = Math.max(0, down); row < height + Math.min(0, down); row++) {
    const start = (row - down) * width + first - right;
    to.set(from.subarray(start, start + columns), row * width + first);
  }
}

function repeated<T extends Uint8Array | Int32Array | Float32Array>(labels: T): T {
  const all = labels.constructor as new (length: number) => T;
  const copies = new all(MOVES.length * labels.length);
  for (let copy = 0; copy < MOVES.length; copy++) copies.set(labels, copy * labels.length);
  return copies;
}
