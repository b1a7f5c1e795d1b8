/**
 * Sums that do not depend on who computed what, or when: the parts of a step are added in one fixed binary tree over
 * their numbers, element by element in f32. Neighbours are added pairwise, level by level; the last of an odd level goes
 * up as it is. In the same pass every part is inspected, so that what was damaged or is not finite is never applied.
 */

/** What one pass over a vector tells. */
export interface Inspection {
  /** Sum over i of (bits of element i) * (2 i + 1), modulo 2^64: any one flipped bit changes it. */
  readonly checksum: bigint;
  /** Whether no element is infinite or NaN. */
  readonly finite: boolean;
}

export interface Collective {
  /**
   * `out` = the tree sum of `parts`, all of one length; one part may be `out` itself when it is the only one.
   *
   * @returns what each part looked like when it was added
   */
  sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]>;
  inspect(vector: Float32Array): Promise<Inspection>;
}
