/**
 * Krum: the vector that is nearest to its neighbours. The score of a vector is the sum of the squared distances to its
 * n - f - 2 nearest others, where f of n are faulty; the lowest score wins. Multi-Krum is the mean of the n - f vectors with the
 * lowest scores. Of equal scores the first one counts.
 *
 * Blanchard, El Mhamdi, Guerraoui & Stainer 2017, "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent",
 * sections 4 and 5. Both need n > 2 f + 2.
 */
import { meanOf, type RobustRule } from "./rule.js";

const most = (count: number): number => Math.max(0, Math.ceil(count / 2) - 2);

export const krum: RobustRule = {
  most,
  combine: (vectors, faulty) => vectors[byScore(vectors, faulty)[0]].slice(),
};

export const multiKrum: RobustRule = {
  most,
  combine(vectors, faulty) {
    const chosen = byScore(vectors, faulty).slice(0, vectors.length - faulty);
    return meanOf(chosen.sort((a, b) => a - b).map((i) => vectors[i]));
  },
};

/** The numbers of the vectors, the lowest score first. */
function byScore(vectors: readonly Float32Array[], faulty: number): number[] {
  const near = Math.max(1, vectors.length - faulty - 2);
  const distances = vectors.map(() => new Float64Array(vectors.length));
  for (const [i, a] of vectors.entries()) {
    for (let j = 0; j < i; j++) distances[i][j] = distances[j][i] = squaredDistance(a, vectors[j]);
  }
  const scores = distances.map((row, i) => {
    const others = row.filter((_, j) => j !== i).sort();
    return others.slice(0, near).reduce((sum, one) => sum + one, 0);
  });
  return [...scores.keys()].sort((a, b) => scores[a] - scores[b] || a - b);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}
