/** What `aggregate` may ask about the contributions of an exchange. The order of each sum is fixed, whichever workers ran. */
export interface Reduction {
  /** The parts that have contributed, in ascending order. */
  readonly parts: readonly number[];
  /** The sum of their weights. */
  readonly weight: number;
  /** The sum of all contributions, each times its weight. It has the ranges of the exchange one after the other. */
  sum(): Promise<Float32Array>;
  /** The contribution of one part, times its weight. Only for a strategy whose `needs` is `each`. */
  each(part: number): Promise<Float32Array>;
  /** The inner product of two whole vectors, added up in float64 in the order of the elements. */
  dot(a: Float32Array, b: Float32Array): number;
  /** The square root of `dot(a, a)`. */
  norm(a: Float32Array): number;
}
