/**
 * Where workers that share a lease meet once a round: each brings its part and what there is to say of it, and goes on with
 * what all have brought. Any of them may die or stand still, so nobody waits for ever; and either all go on from a round or
 * nobody does.
 */

/** Workers that can share a lease: each combines all parts by itself, which with more of them costs more than messages do. */
export const MOST_AT_BARRIER = 4;

/** One round of those who meet under a number. */
export interface BarrierRound {
  readonly number: number;
  readonly round: number;
  /** Who comes, and the worker of each part. */
  readonly worker: number;
  readonly holders: readonly number[];
}

/** What a worker says of its part. */
export interface Notice {
  readonly loss: number;
  /** It wants this round to be the last. */
  readonly isLast: boolean;
}

export interface Contribution extends Notice {
  /** Of the part, when it was brought. */
  readonly checksum: bigint;
}

export interface Barrier {
  /** Lets workers meet, from `round` on. Returns the number under which they do; whoever comes under an earlier one is late. */
  open(round: number): number;
  /** Who has not got through a round by now will not. Those who meet under another number are left alone. */
  close(number: number): void;
  /**
   * Brings `own`, the part of a worker. Resolves with what all have brought, by part; undefined when it is closed, or when
   * not all have come within so many milliseconds, which closes it.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    word: Notice,
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
