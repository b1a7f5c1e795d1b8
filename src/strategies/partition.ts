/** A partition of the training images: part p owns one stretch of them, and no part reads those of another. */
import { partRange, Sampler } from "../data/sampler.js";
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
