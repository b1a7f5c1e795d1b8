/**
 * The position in the data is the step number. A sampler reads an endless list of rows, the epochs one after another,
 * each in its own random order. Step t takes positions t * batch to (t + 1) * batch of it, and a part a fixed part of
 * those. So the rows are a pure function of (seed, step, part): resuming a run, or moving a part to another worker,
 * needs no saved position, and every row is used exactly once an epoch even when the batch does not divide it.
 */
import { UsageError } from "../error.js";
import { Permutation } from "./permutation.js";

/** What decides the rows of each step. */
export interface SamplerOptions {
  readonly seed: number;
  /** Rows of the data set. */
  readonly count: number;
  /** Rows of a global batch. */
  readonly batch: number;
  /** Parts that a batch is split into, whatever the number of workers; default 1. */
  readonly parts?: number;
}

/** Positions within a batch: from `start` up to, not including, `end`. */
export interface PartRange {
  readonly start: number;
  readonly end: number;
}

/** Part `part` of `batch` rows split into `parts` contiguous parts whose sizes differ by at most one. */
export function partRange(batch: number, parts: number, part: number): PartRange {
  return { start: Math.floor((batch * part) / parts), end: Math.floor((batch * (part + 1)) / parts) };
}

/**
 * Which rows of a data set each step reads.
 * @example
 * ```ts
 * import { data } from "dawnpour";
 *
 * const sampler = new data.Sampler({ seed: 0, count: 6, batch: 3 });
 * const epoch = [...sampler.rows(0), ...sampler.rows(1)];
 * console.log(epoch.sort().join(" ")); // 0 1 2 3 4 5
 * ```
 */
export class Sampler {
  readonly seed: number;
  readonly count: number;
  readonly batch: number;
  readonly parts: number;

  /**
   * A sampler without state: it holds what decides the rows.
   * @throws UsageError unless count and batch are positive and there is a row for every part
   */
  constructor({ seed, count, batch, parts = 1 }: SamplerOptions) {
    checkWhole("rows of the data set", count, 1, 2 ** 32 - 1);
    checkWhole("batch", batch, 1, 2 ** 32 - 1);
    checkWhole("parts", parts, 1, batch);
    this.seed = seed;
    this.count = count;
    this.batch = batch;
    this.parts = parts;
  }

  /**
   * The rows of the batch of `step`, or of one part of it.
   * @param out filled and returned if given; its length is the number of rows
   */
  rows(step: number, part?: number, out?: Uint32Array): Uint32Array {
    const { start, end } = part === undefined ? { start: 0, end: this.batch } : this.#range(part);
    checkWhole("step", step, 0, Math.floor(Number.MAX_SAFE_INTEGER / this.batch) - 1);
    const rows = out ?? new Uint32Array(end - start);
    if (rows.length !== end - start) {
      throw new UsageError(`sampler: the batch has ${end - start} rows here, got room for ${rows.length}`);
    }
    this.#fill(rows, step * this.batch + start);
    return rows;
  }

  #range(part: number): PartRange {
    checkWhole("part", part, 0, this.parts - 1);
    return partRange(this.batch, this.parts, part);
  }

  /** Fills `rows` with the entries of the endless list from `position` on. */
  #fill(rows: Uint32Array, position: number): void {
    let filled = 0;
    while (filled < rows.length) {
      const epoch = Math.floor((position + filled) / this.count);
      const order = new Permutation(this.count, this.seed, epoch);
      let index = position + filled - epoch * this.count;
      while (filled < rows.length && index < this.count) {
        rows[filled++] = order.at(index++);
      }
    }
  }
}

function checkWhole(what: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new UsageError(`sampler: ${what} must be a whole number from ${low} to ${high}, got ${value}`);
  }
}
