/**
 * A barrier with a payload for workers that share a lease: once a round each worker brings its part with a notice, and
 * leaves with the contributions of all. Any worker may die or stall, so each waits for a limited time. Either all
 * workers pass a round or none does.
 */

/**
 * Workers that can share a lease. Each combines all parts by itself; with more workers that costs more than messages
 * do.
 */
export const MOST_AT_BARRIER = 4;

/** One round of a barrier. */
export interface BarrierRound {
  readonly number: number;
  readonly round: number;
  /** The worker that arrives, and the worker of each part. */
  readonly worker: number;
  readonly holders: readonly number[];
}

/** What a worker reports of its part. */
export interface Notice {
  readonly loss: number;
  /** The worker wants this round to be the last. */
  readonly isLast: boolean;
}

export interface Contribution extends Notice {
  /** Checksum of the part when it was brought. */
  readonly checksum: bigint;
}

export interface Barrier {
  /** Opens a barrier from `round` on. Returns its number; a worker that arrives under an earlier number is refused. */
  open(round: number): number;
  /**
   * Closes the barrier of this number: no worker passes a round that it has not passed. Barriers of other numbers stay
   * open.
   */
  close(number: number): void;
  /**
   * Brings `own`, the part of a worker. Resolves with the contributions by part, or with undefined when the barrier is
   * closed. A worker that has waited `patience` milliseconds closes it.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    word: Notice,
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
