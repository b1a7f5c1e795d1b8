/** What a strategy is told about its run. */
import { Sampler } from "../data/sampler.js";
import type { Workload } from "../workload/workload.js";
import type { StrategyRun } from "./strategy.js";

export interface RunFacts {
  readonly parts: number;
  readonly batch: number;
  readonly seed: number;
  /** Training images. */
  readonly images: number;
  /** See `StrategyRun`. */
  readonly key?: Uint8Array;
  /** The class of each, where the data have them. */
  readonly labels?: ArrayLike<number>;
  /** Training steps of the whole run. */
  readonly steps: number;
  /** The learning rate at a step. */
  rate(step: number): number;
}

export function strategyRun({ length, state }: Pick<Workload, "length" | "state">, facts: RunFacts): StrategyRun {
  const { parts, batch, seed, images, labels, steps, rate, key } = facts;
  const sampler = new Sampler({ seed, count: images, batch, parts });
  const rows = (first: number, count: number, part: number): Uint32Array => {
    const all = Array.from({ length: count }, (_, i) => sampler.rows(first + i, part));
    const out = new Uint32Array(count * all[0].length);
    for (const [i, some] of all.entries()) out.set(some, i * some.length);
    return out;
  };
  const stepRows: StrategyRun["stepRows"] = (round, part) => ({ rows: rows(round, 1, part) });
  return { parts, batch, images, key, labels, steps, seed, length, state, rate, rows, stepRows };
}
