/**
 * The current round, with its scheduler, and the combined vectors of the rounds before it, for replicas that are behind. The
 * pass over memory that combines the parts also inspects them. Damaged parts are refused before any replica applies them.
 */

import type { Inspection } from "../../collective/collective.js";
import { joinInspections } from "../../collective/digest.js";
import { contributionIn, partsOf, type RoundProgram, replicaVectors } from "../../strategies/rounds/replica.js";
import { SUMS } from "../../tensors/tensor-store.js";
import type { VectorFabric } from "../fabric.js";
import type { Commit } from "../journal/journal-protocol.js";
import type { Snapshot } from "../protocol.js";
import { type PartResult, PartScheduler } from "./part-scheduler.js";
import type { RoundSource } from "./worker-proxy.js";

export interface RoundHistoryOptions extends Pick<VectorFabric, "tensors" | "collective"> {
  readonly strategy: RoundProgram;
}

/** The most damaged results of one part. One more ends the run. */
const MOST_ATTEMPTS = 16;

/** A part that differs from what its worker computed, or is not finite. */
interface DamagedPart {
  readonly worker: number;
  readonly what: string;
  /** Id of the fault that damaged it. */
  readonly fault?: number;
}

/** Outcome of combining the parts of a round. */
export type Outcome =
  | { readonly kind: "committed"; readonly commit: Commit }
  /** Parts to compute again. */
  | { readonly kind: "refused"; readonly damaged: readonly DamagedPart[] }
  /** One part was damaged too often. */
  | { readonly kind: "fatal"; readonly why: string }
  /** A part is not finite, and its second computation gave the same bits. */
  | { readonly kind: "diverged"; readonly what: string };

export class RoundHistory implements RoundSource {
  readonly #options: RoundHistoryOptions;
  /** Slots of the combined vectors of the last rounds. */
  readonly #sums = new Map<number, number>();
  /** The parts that counted in those rounds, where a quorum of them is enough. */
  readonly #arrived = new Map<number, readonly number[]>();
  /** Memory for the decoded contributions of a run with a compressor. */
  readonly #decoded: Float32Array[] = [];
  #parts: PartScheduler;

  constructor(options: RoundHistoryOptions, number: number) {
    this.#options = options;
    this.#parts = this.#scheduler(number);
  }

  get number(): number {
    return this.#parts.number;
  }

  get scheduler(): PartScheduler {
    return this.#parts;
  }

  sum(round: number): number | undefined {
    return this.#sums.get(round);
  }

  arrived(round: number): readonly number[] | undefined {
    return this.#arrived.get(round);
  }

  /** Bytes of the combined vector of a round, or of all its contributions where each is read. */
  bytes(round: number): number {
    const { strategy } = this.#options;
    if (!this.#sums.has(round)) return 0;
    const elements = strategy.elements?.(round) ?? strategy.length;
    return Float32Array.BYTES_PER_ELEMENT * elements * (strategy.each ? partsOf(strategy, round).length : 1);
  }

  begin(number: number): void {
    this.#parts = this.#scheduler(number);
  }

  /** Forgets the combined vectors of rounds that were undone. */
  clear(): void {
    this.#sums.clear();
    this.#arrived.clear();
  }

  /** Copies the local states of a snapshot to where the parts of its round read them. */
  goBackTo({ round, owner, set }: Snapshot): void {
    const { strategy, tensors } = this.#options;
    const { parts, local = 0 } = strategy;
    const vectors = local > 0 ? tensors.vectors(owner, set).slice(replicaVectors(strategy)) : [];
    for (let part = 0; part < parts; part++) {
      const carried = tensors.carried(part, round);
      for (let i = 0; i < local; i++) carried[i].set(vectors[part * local + i]);
    }
  }

  /** Combines the parts that count, once they are there. */
  async combine(): Promise<Outcome> {
    const { strategy, tensors, collective } = this.#options;
    const { number } = this;
    const { results = [], arrived = [], participants } = this.#parts;
    // A single part is its own sum, unless its slot has it encoded.
    const slot = strategy.parts === 1 && !strategy.encoding ? results[0].slot : tensors.sum(number);
    const parts = results.map((result, i) => this.#contribution(result, i));
    const out = contributionIn(strategy, number, tensors.slot(slot));
    const inspections = await strategy.combine(collective, parts, out);
    const refused = this.#refuse(arrived, results, await this.#carry(arrived, results, parts, inspections));
    if (refused) return refused;
    // Each part reports its share of the loss. The parts that are left out are taken to have the mean of the others.
    const loss = (participants.length / results.length) * results.reduce((sum, result) => sum + result.loss, 0);
    if (strategy.finite && !Number.isFinite(loss)) return { kind: "diverged", what: `the loss, ${loss},` };
    this.#sums.set(number, slot);
    this.#sums.delete(number - SUMS);
    if (strategy.quorum !== undefined) this.#arrived.set(number, arrived);
    this.#arrived.delete(number - SUMS);
    return { kind: "committed", commit: this.#commit(results, loss) };
  }

  #commit(results: readonly PartResult[], loss: number): Commit {
    const { strategy } = this.#options;
    const { number: round } = this;
    return {
      round,
      ...(strategy.tellsLoss?.(round) !== false && { loss }),
      workers: results.map(({ worker }) => worker),
      ...(strategy.quorum !== undefined && { parts: this.#arrived.get(round) }),
      bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** The decoded contribution of a part. @param i its index among those that count */
  #contribution({ slot, bytes }: PartResult, i: number): Float32Array {
    const { strategy, tensors } = this.#options;
    const lies = tensors.slot(slot);
    if (!strategy.encoding) return contributionIn(strategy, this.number, lies);
    this.#decoded[i] ??= new Float32Array(strategy.length);
    const out = contributionIn(strategy, this.number, this.#decoded[i]);
    try {
      strategy.encoding.decode(new Uint8Array(lies.buffer, lies.byteOffset, bytes), out, this.number);
    } catch {
      // The worker could decode these bytes, so they were damaged since. NaN makes sure that the checksum differs.
      out.fill(Number.NaN);
    }
    return out;
  }

  #scheduler(number: number): PartScheduler {
    const { strategy } = this.#options;
    return new PartScheduler(number, strategy.parts, partsOf(strategy, number), strategy.quorum);
  }

  /**
   * Copies the local states of the parts, and their contributions where the strategy reads each, to where the next round reads
   * them. Returns the inspections of the parts, joined with those of their local states.
   */
  async #carry(
    arrived: readonly number[],
    results: readonly PartResult[],
    contributions: readonly Float32Array[],
    inspections: readonly Inspection[],
  ): Promise<Inspection[]> {
    const { strategy, tensors, collective } = this.#options;
    const { local = 0, each = false, parts } = strategy;
    const { number, participants } = { number: this.number, participants: this.#parts.participants };
    for (let part = 0; part < parts && local > 0; part++) {
      const next = tensors.carried(part, number + 1);
      const now = tensors.carried(part, number);
      if (!participants.includes(part)) for (let i = 0; i < local; i++) next[i].set(now[i]);
    }
    return Promise.all(
      inspections.map(async (inspection, i) => {
        const carried = tensors.carried(arrived[i], number + 1);
        if (each) contributionIn(strategy, number, carried[local]).set(contributions[i]);
        const states = tensors.next(results[i].slot);
        const copied = await Promise.all(states.map((state, j) => collective.sum([state], carried[j])));
        return [inspection, ...copied.flat()].reduce(joinInspections);
      }),
    );
  }

  /** Refuses damaged parts. */
  #refuse(
    arrived: readonly number[],
    results: readonly PartResult[],
    inspections: readonly Inspection[],
  ): Outcome | undefined {
    const refused: DamagedPart[] = [];
    for (const [i, { checksum, finite }] of inspections.entries()) {
      const part = arrived[i];
      const { worker, checksum: told, fault } = results[i];
      if (checksum === told && (finite || !this.#options.strategy.finite)) continue;
      const again = this.#parts.refuse(part).some((before) => before.checksum === checksum);
      if (again && checksum === told) return { kind: "diverged", what: `the gradient of part ${part}` };
      const { attempt } = this.#parts.task(part);
      if (attempt > MOST_ATTEMPTS) return { kind: "fatal", why: damaged(part, attempt) };
      refused.push({ worker, what: `its gradient was ${checksum === told ? "not finite" : "damaged"}`, fault });
    }
    return refused.length > 0 ? { kind: "refused", damaged: refused } : undefined;
  }
}

const damaged = (part: number, attempts: number): string =>
  `the gradient of part ${part} was damaged ${attempts} times in a row: test the memory of this machine and its devices`;
