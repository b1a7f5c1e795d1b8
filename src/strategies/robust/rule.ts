/**
 * A rule that makes one vector of many, some of which may be anything: sent by a client that is broken or means harm. It is a
 * pure function of the vectors in the order of the parts.
 */
export interface RobustRule {
  /** The most vectors of `count` that may be poisoned. */
  most(count: number): number;
  /** @param faulty how many may be poisoned */
  combine(vectors: readonly Float32Array[], faulty: number): Float32Array;
}

/** The mean, added up in float64 in the order of the vectors. */
export function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float64Array(vectors[0].length);
  for (const x of vectors) for (let i = 0; i < sum.length; i++) sum[i] += x[i];
  return Float32Array.from(sum, (value) => value / vectors.length);
}

/** Makes each coordinate of the values that the vectors have there, which it gets in ascending order. */
export function byCoordinate(
  vectors: readonly Float32Array[],
  combine: (sorted: Float64Array) => number,
): Float32Array {
  const values = new Float64Array(vectors.length);
  return Float32Array.from({ length: vectors[0].length }, (_, i) => {
    for (const [k, x] of vectors.entries()) values[k] = x[i];
    return combine(values.sort());
  });
}
