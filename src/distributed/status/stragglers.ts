/** Stragglers: workers that take much longer for a part than the others do. */
import { median } from "d3-array";
import type { WorkerReport } from "../../cluster/journal/journal-protocol.js";

/** A worker becomes slow at the first number times the pace of the others, and is no longer slow below the second. */
const [SLOW, AGAIN] = [2, 1.5];
/** Milliseconds that a slow worker loses with each part, at least: less is noise of the machine. */
const LEAST = 10;
/** It must be slow in this many reports in a row. */
const REPORTS = 4;

/** A worker that has become slow. */
export interface Straggler {
  readonly worker: number;
  /** Milliseconds a part. */
  readonly pace: number;
  /** Median of the others. */
  readonly others: number;
}

export class Stragglers {
  readonly #known = new Set<number>();
  /** Reports in a row in which a worker was slow. */
  readonly #slow = new Map<number, number>();

  /** The workers that have become slow. */
  news(workers: readonly WorkerReport[]): Straggler[] {
    const paced = workers.filter(({ pace }) => pace > 0);
    return paced.flatMap(({ worker, pace }) => {
      const others = median(paced.filter((other) => other.worker !== worker).map((other) => other.pace));
      if (others === undefined) return [];
      const wasKnown = this.#known.has(worker);
      if (pace < AGAIN * others) this.#known.delete(worker);
      const isSlow = pace >= Math.max(SLOW * others, others + LEAST);
      const reports = isSlow ? (this.#slow.get(worker) ?? 0) + 1 : 0;
      this.#slow.set(worker, reports);
      if (wasKnown || reports < REPORTS) return [];
      this.#known.add(worker);
      return [{ worker, pace, others }];
    });
  }
}
