import { defineInitialiser } from "../initialiser-definition.js";

/**
 * Orthonormal rows or columns, whichever are fewer (Saxe et al. 2014): Q of the QR decomposition of a tall matrix of normal
 * numbers. The diagonal of R fixes the signs, so Q is uniformly distributed (Haar).
 */
export const orthogonal = defineInitialiser({
  name: "orthogonal",
  draw(inputs, outputs, random) {
    const tall = Math.max(inputs, outputs);
    const narrow = Math.min(inputs, outputs);
    const gaussian = Array.from({ length: narrow }, () => new Float64Array(tall));
    for (let i = 0; i < tall; i++) {
      for (let j = 0; j < narrow; j++) gaussian[j][i] = random.normal();
    }
    const columns = orthonormal(gaussian);
    const weights = new Float32Array(inputs * outputs);
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) {
        weights[i * outputs + j] = inputs >= outputs ? columns[j][i] : columns[i][j];
      }
    }
    return weights;
  },
});

/**
 * Q of the QR decomposition by Householder reflections (Golub & Van Loan 2013, algorithm 5.2.1), with the signs that make the
 * diagonal of R positive.
 * @param matrix by columns; is overwritten with the reflections
 */
function orthonormal(matrix: readonly Float64Array[]): Float64Array[] {
  const diagonal = matrix.map((column, k) => {
    let norm = 0;
    for (let i = k; i < column.length; i++) norm = hypotenuse(norm, column[i]);
    if (norm === 0) return 0;
    if (column[k] < 0) norm = -norm;
    for (let i = k; i < column.length; i++) column[i] /= norm;
    column[k] += 1;
    for (const other of matrix.slice(k + 1)) reflect(other, column, k);
    return -norm;
  });
  const q = matrix.map(({ length }) => new Float64Array(length));
  for (let k = matrix.length - 1; k >= 0; k--) {
    q[k][k] = 1;
    if (matrix[k][k] !== 0) for (const column of q.slice(k)) reflect(column, matrix[k], k);
  }
  return q.map((column, k) => column.map((value) => value * Math.sign(diagonal[k])));
}

/** Reflects `vector` by the Householder vector `by`, which is zero before `first`. */
function reflect(vector: Float64Array, by: Float64Array, first: number): void {
  let sum = 0;
  for (let i = first; i < by.length; i++) sum += by[i] * vector[i];
  const factor = -sum / by[first];
  for (let i = first; i < by.length; i++) vector[i] += factor * by[i];
}

/** Length of (a, b) without overflow. Not `Math.hypot`, whose last bit differs. */
function hypotenuse(a: number, b: number): number {
  const [large, small] = Math.abs(a) > Math.abs(b) ? [a, b] : [b, a];
  if (large === 0) return 0;
  const ratio = small / large;
  return Math.abs(large) * Math.sqrt(1 + ratio * ratio);
}
