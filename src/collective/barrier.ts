/**
 * A barrier with a payload, for workers that share a lease. In each round a worker arrives with its loss and the checksum of its
 * part, and gets those of all workers when it passes. Any worker may die or stall, so each waits for a limited time. Either all
 * workers pass a round or none does.
 */

/**
 * The most workers that can share a lease. Each of them combines all parts by itself. With more workers that costs more than
 * messages do.
 */
export const MOST_AT_BARRIER = 4;

/** One round of a barrier. */
export interface BarrierRound {
  /** Number of the barrier: see `Barrier.open`. */
  readonly number: number;
  readonly round: number;
  /** The worker that arrives. */
  readonly worker: number;
  /** The worker of each part. */
  readonly holders: readonly number[];
}

/** The report of a worker that arrives. */
export interface Notice {
  readonly loss: number;
  /** The worker wants this round to be the last. */
  readonly isLast: boolean;
}

export interface Contribution extends Notice {
  /** Checksum of the part when its worker arrived. */
  readonly checksum: bigint;
}

export interface Barrier {
  /** Opens the barrier again, from `round` on. Returns its new number. A worker that arrives with an earlier number is refused. */
  open(round: number): number;
  /**
   * Closes the barrier, if it still has this number: no worker passes another round.
   */
  close(number: number): void;
  /**
   * A worker arrives with `own`, its part. Resolves with the contributions by part, or with undefined if the barrier was closed.
   * A worker that has waited for `milliseconds` closes the barrier.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    notice: Notice,
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
