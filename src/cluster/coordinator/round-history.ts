/**
 * Rounds, one after the other: the schedule of the one that is being computed, and the combined vectors of those before it,
 * for replicas that are behind. A round is a transaction: its parts are inspected in the same pass in which they are
 * combined, and what was damaged is refused before anyone applies it.
 */

import type { Collective, Inspection } from "../../collective/collective.js";
import type { Strategy } from "../../strategies/strategy.js";
import { SUMS, type TensorStore } from "../../tensors/tensor-store.js";
import type { Commit } from "../protocol.js";
import { type PartResult, PartScheduler } from "./part-scheduler.js";
import type { RoundSource } from "./worker-proxy.js";

export interface RoundHistoryOptions {
  readonly strategy: Strategy;
  readonly tensors: TensorStore;
  readonly collective: Collective;
}

/** Damaged results of one part after which no good one is to be expected. */
const MOST_ATTEMPTS = 16;

/** A part that was not as its worker should have left it. */
export interface DamagedPart {
  readonly worker: number;
  readonly what: string;
  /** The fault that damaged it on purpose. */
  readonly fault?: number;
}

/** What came of combining the parts of a round. */
export type Outcome =
  | { readonly kind: "committed"; readonly commit: Commit }
  /** Parts that are to be computed again. */
  | { readonly kind: "refused"; readonly damaged: readonly DamagedPart[] }
  /** The machine is not fit for it. */
  | { readonly kind: "fatal"; readonly why: string }
  /** A part is not finite, whoever computes it. */
  | { readonly kind: "diverged"; readonly what: string };

export class RoundHistory implements RoundSource {
  readonly #options: RoundHistoryOptions;
  /** Slots of what was combined in the last rounds. */
  readonly #sums = new Map<number, number>();
  #books: PartScheduler;

  constructor(options: RoundHistoryOptions, number: number) {
    this.#options = options;
    this.#books = new PartScheduler(number, options.strategy.parts);
  }

  get number(): number {
    return this.#books.number;
  }

  get scheduler(): PartScheduler {
    return this.#books;
  }

  sum(round: number): number | undefined {
    return this.#sums.get(round);
  }

  begin(number: number): void {
    this.#books = new PartScheduler(number, this.#options.strategy.parts);
  }

  /** What was combined belongs to a course that was given up. */
  clear(): void {
    this.#sums.clear();
  }

  /** Combines the parts, all of which must be there. */
  async combine(): Promise<Outcome> {
    const { strategy, tensors, collective } = this.#options;
    const { number } = this;
    const results = this.#books.results ?? [];
    // Where there is nothing to combine, the one part is it.
    const slot = results.length === 1 ? results[0].slot : tensors.sum(number);
    const parts = results.map((result) => tensors.slot(result.slot));
    const inspections = await strategy.combine(collective, parts, tensors.slot(slot));
    const refused = this.#refuse(results, inspections);
    if (refused) return refused;
    const loss = results.reduce((sum, result) => sum + result.loss, 0);
    if (strategy.finite && !Number.isFinite(loss)) return { kind: "diverged", what: `the loss, ${loss},` };
    this.#sums.set(number, slot);
    this.#sums.delete(number - SUMS);
    return { kind: "committed", commit: { round: number, loss, workers: results.map(({ worker }) => worker) } };
  }

  /** Takes out the parts that are not as they should be. */
  #refuse(results: readonly PartResult[], inspections: readonly Inspection[]): Outcome | undefined {
    const refused: DamagedPart[] = [];
    for (const [part, { checksum, finite }] of inspections.entries()) {
      const { worker, checksum: told, fault } = results[part];
      if (checksum === told && (finite || !this.#options.strategy.finite)) continue;
      const again = this.#books.refuse(part).some((before) => before.checksum === checksum);
      if (again && checksum === told) return { kind: "diverged", what: `the gradient of part ${part}` };
      const { attempt } = this.#books.task(part);
      if (attempt > MOST_ATTEMPTS) return { kind: "fatal", why: damaged(part, attempt) };
      refused.push({ worker, what: `its gradient was ${checksum === told ? "not finite" : "damaged"}`, fault });
    }
    return refused.length > 0 ? { kind: "refused", damaged: refused } : undefined;
  }
}

const damaged = (part: number, attempts: number): string =>
  `the gradient of part ${part} was damaged ${attempts} times in a row: test the memory of this machine and its devices`;
