/**
 * Sums whose bits do not depend on which worker computed which part, or when. The parts are added element by element in f32, in
 * one fixed binary tree over their numbers: neighbours are added pairwise, level by level, and the last part of an odd level
 * moves up unchanged. The same pass over memory inspects every part, so that a damaged part, or one that is not finite, is never
 * applied.
 */

/** Result of one pass over a vector. */
export interface Inspection {
  /** Sum over i of (bits of element i) * (2 i + 1), modulo 2^64: any one flipped bit changes it. */
  readonly checksum: bigint;
  /** Whether no element is infinite or NaN. */
  readonly finite: boolean;
}

/** Sums of vectors in a fixed order, and inspections of vectors. */
export interface Collective {
  /**
   * `out` = the tree sum of `parts`, all of one length. A single part may be `out` itself.
   *
   * @returns the inspection of each part, made from the same read of memory as the sum
   */
  sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]>;
  /** The inspection of a vector, as `sum` returns it for each part. */
  inspect(vector: Float32Array): Promise<Inspection>;
}
