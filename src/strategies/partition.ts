/** A partition of the training images: part p owns one stretch of them, and no part reads those of another. */
import { partRange, Sampler } from "../data/sampler.js";
import type { Learner } from "../workload/learner.js";
import type { Strategy, StrategyRun } from "./strategy.js";

/** All images of `part`, in their order. */
export function partitionOf({ images, parts }: StrategyRun, part: number): Uint32Array {
  const { start, end } = partRange(images, parts, part);
  return Uint32Array.from({ length: end - start }, (_, i) => start + i);
}

/** A round that reads every image once: in the count of steps, as many as have read that number of images. */
export const epochRounds = ({ images, batch }: StrategyRun): Pick<Strategy, "advance"> => ({
  advance: () => ({ steps: Math.max(1, Math.round(images / batch)), samples: images }),
});

/** What `StrategyRun.rows` gives, but of the part's own images: its share of the batch of each step, in a random order. */
export function partitionRows({ images, parts, batch, seed }: StrategyRun): StrategyRun["rows"] {
  return (first, count, part) => {
    const { start, end } = partRange(images, parts, part);
    const share = partRange(batch, parts, part);
    const sampler = new Sampler({ seed: seed + part, count: end - start, batch: share.end - share.start });
    const steps = Array.from({ length: count }, (_, i) => [...sampler.rows(first + i)]);
    return Uint32Array.from(steps.flat(), (row) => start + row);
  };
}

/** The rows in pieces of at most `size`. */
export const chunks = (rows: Uint32Array, size: number): Uint32Array[] =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.subarray(i * size, (i + 1) * size));

/** The gradient over the rows into `out`, as a share of all images, a batch after the other. Resolves with the share of the loss. */
export async function gradientOver(
  learner: Learner,
  rows: Uint32Array,
  { batch, images }: StrategyRun,
  out: Float32Array,
): Promise<number> {
  const some = new Float32Array(out.length);
  let loss = 0;
  out.fill(0);
  for (const chunk of chunks(rows, batch)) {
    loss += await learner.gradient(chunk, some);
    learner.vectors.axpy(1, some, out);
  }
  // A learner gives shares of a batch.
  learner.vectors.scale(batch / images, out);
  return (loss * batch) / images;
}
