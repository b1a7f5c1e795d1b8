/**
 * A learner on f(w) = sum over its rows of 1/2 (w - c_row)' A (w - c_row), divided by the batch, with plain gradient descent. Rules of
 * strategies can be checked on it by hand.
 */
import type { ChoiceOptions } from "../../src/choice.js";

import { delayOf } from "../../src/strategies/consistency.js";
import type { Reduction } from "../../src/strategies/rounds/reduction.js";
import type { Strategy, StrategyFactory, StrategyRun } from "../../src/strategies/strategy.js";
import type { Learner, StateVectors } from "../../src/workload/learner.js";
import { vectorOps } from "../../src/workload/vector-ops.js";

export const [PARTS, BATCH, IMAGES, LENGTH, RATE] = [3, 6, 24, 2, 0.25];

/** A, a diagonal matrix. */
export const CURVATURE = [1, 3];

/** The centre of a row. */
export const centre = (row: number): number[] => [Math.sin(row + 1), Math.cos(3 * row)];

export const RUN: StrategyRun = {
  parts: PARTS,
  batch: BATCH,
  images: IMAGES,
  steps: 1000,
  seed: 1,
  length: LENGTH,
  state: ["parameters"],
  rate: () => RATE,
  // Every part gets two rows of each batch, one batch after the other.
  rows: (first, count, part) =>
    Uint32Array.from({ length: 2 * count }, (_, i) => ((first + (i >> 1)) * BATCH + 2 * part + (i & 1)) % IMAGES),
  stepRows: (round, part) => ({ rows: RUN.rows(round, 1, part) }),
};

/** The mean of A (w - c) over rows. */
export function meanGradient(w: ArrayLike<number>, rows: ArrayLike<number>): number[] {
  return [0, 1].map(
    (i) => Array.from(rows).reduce((sum, row) => sum + CURVATURE[i] * (w[i] - centre(row)[i]), 0) / rows.length,
  );
}

/** `count` steps of gradient descent, each on an equal number of the rows. */
export function descend(w: readonly number[], rows: Uint32Array, count: number): number[] {
  const share = rows.length / count;
  let at = [...w];
  for (let step = 0; step < count; step++) {
    const gradient = meanGradient(at, rows.subarray(step * share, (step + 1) * share));
    at = at.map((value, i) => value - RATE * gradient[i]);
  }
  return at;
}

export class QuadraticLearner implements Learner {
  readonly length = LENGTH;
  readonly state = ["parameters"];
  readonly vectors = vectorOps;
  readonly #w = new Float32Array(LENGTH);

  async gradient(rows: Uint32Array, out: Float32Array): Promise<number> {
    for (const [i, mean] of meanGradient(this.#w, rows).entries()) out[i] = (mean * rows.length) / BATCH;
    return this.loss(rows);
  }

  async loss(rows: Uint32Array): Promise<number> {
    const distance = (row: number): number =>
      centre(row).reduce((sum, c, i) => sum + CURVATURE[i] * (this.#w[i] - c) ** 2, 0);
    return [...rows].reduce((sum, row) => sum + distance(row) / 2, 0) / BATCH;
  }

  async steps(count: number, rows: Uint32Array): Promise<number> {
    this.#w.set(descend([...this.#w], rows, count));
    return this.loss(rows);
  }

  async update(gradient: Float32Array): Promise<void> {
    vectorOps.axpy(-RATE, gradient, this.#w);
  }

  async save({ parameters }: StateVectors): Promise<void> {
    parameters?.set(this.#w);
  }

  restore({ parameters }: StateVectors): void {
    if (parameters) this.#w.set(parameters);
  }

  evaluate = () => Promise.reject(new Error("there is nothing to evaluate"));
  destroy(): void {}
}

const copyOf = (state: StateVectors): StateVectors =>
  Object.fromEntries(Object.entries(state).map(([name, vector]) => [name, vector.slice()]));

/** The parameters after each of `rounds` rounds. */
export async function course(factory: StrategyFactory, options: ChoiceOptions, rounds: number, run: StrategyRun = RUN) {
  const strategy: Strategy = factory(options, run);
  const blank = (specs: Strategy["global"] = []): StateVectors =>
    Object.fromEntries(specs.map(({ name, initial }) => [name, new Float32Array(LENGTH).fill(initial ? 1 : 0)]));
  const delay = delayOf(strategy);
  const states = [blank(strategy.global)];
  const locals = Array.from({ length: strategy.parts }, () => blank(strategy.local));
  let step = 0;
  for (let round = 0; round < rounds; round++) {
    const state = copyOf(states[round]);
    states.push(state);
    for (let phase = 0; phase < (strategy.phases ?? 1); phase++) {
      const seen = delay > 0 ? states[Math.max(0, round - delay)] : copyOf(state);
      const ranges = strategy.exchange?.(round, phase) ?? [{ length: LENGTH }];
      const outs = new Map<number, Float32Array>();
      const parts = strategy.participants?.(round) ?? Array.from({ length: strategy.parts }, (_, part) => part);
      for (const part of parts) {
        const { rows, weight = 1 } = strategy.rows(round, part);
        const learner = new QuadraticLearner();
        learner.restore(seen);
        const next = copyOf(locals[part]);
        const out = new Float32Array(ranges.reduce((sum, { length }) => sum + length, 0));
        await strategy.contribute(learner, {
          ...{ round, phase, part, step, rows, out, next },
          ...{ global: copyOf(seen), latest: copyOf(state), local: copyOf(locals[part]) },
        });
        vectorOps.scale(weight, out);
        outs.set(part, out);
        locals[part] = next;
      }
      const sum = async (): Promise<Float32Array> =>
        [...outs.values()].reduce((all, one) => all.map((value, i) => value + one[i]));
      const each = async (part: number): Promise<Float32Array> => (outs.get(part) as Float32Array).slice();
      const update = async (gradient: Float32Array): Promise<void> => vectorOps.axpy(-RATE, gradient, state.parameters);
      await strategy.aggregate({ round, phase, step, state, update }, {
        sum,
        each,
        parts,
        weight: parts.length,
      } as unknown as Reduction);
    }
    step += strategy.advance(round).steps;
  }
  return states.slice(1).map(({ parameters }) => [...parameters]);
}
