/** What `aggregate` may ask of the contributions of an exchange. Sums and products have one order, whichever worker computed a part. */
export interface Reduction {
  /** The parts that have contributed, in ascending order. */
  readonly parts: readonly number[];
  /** The sum of their weights. */
  readonly weight: number;
  /** The sum of all contributions, each times its weight: of the ranges of the exchange, one after the other. Not to be changed. */
  sum(): Promise<Float32Array>;
  /** The contribution of one part, times its weight. Only for a strategy that needs `each`. Not to be changed. */
  each(part: number): Promise<Float32Array>;
  /** Of whole vectors, in float64, in the order of their elements. */
  dot(a: Float32Array, b: Float32Array): number;
  norm(a: Float32Array): number;
}
