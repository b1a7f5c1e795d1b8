/**
 * The geometric median: the point whose distances to all vectors have the least sum, by the smoothed iteration of Weiszfeld.
 *
 *     z = the mean of the x_i, none longer than the median of their lengths (norm-bound.ts)
 *     again and again:  b_i = 1 / max(nu, |z - x_i|);   z = sum of b_i x_i / sum of b_i
 *
 * Pillutla, Kakade & Harchaoui 2022, "Robust Aggregation for Federated Learning", algorithm 2 (RFA). It holds while less than half
 * of the vectors are poisoned. From the plain mean, which may be anywhere, the iteration would not come back in time;
 * at one of the vectors it would stay.
 */
import { normBound } from "./norm-bound.js";
import type { RobustRule } from "./rule.js";

/** The paper's nu, and more rounds than the 3 with which it is content: vectors that are far away need them. */
const [SMOOTHING, ROUNDS] = [1e-6, 32];

export const geometricMedian: RobustRule = {
  most: (count) => Math.ceil(count / 2) - 1,
  combine(vectors, faulty) {
    let z = Float64Array.from(normBound.combine(vectors, faulty));
    for (let round = 0; round < ROUNDS; round++) {
      const factors = vectors.map((x) => 1 / Math.max(SMOOTHING, distance(z, x)));
      const total = factors.reduce((sum, factor) => sum + factor, 0);
      const next = new Float64Array(z.length);
      for (const [k, x] of vectors.entries()) {
        for (let i = 0; i < next.length; i++) next[i] += (factors[k] / total) * x[i];
      }
      z = next;
    }
    return Float32Array.from(z);
  },
};

function distance(z: Float64Array, x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < z.length; i++) sum += (z[i] - x[i]) ** 2;
  return Math.sqrt(sum);
}
