/** Makes the columns of a matrix orthonormal. */

/** A column counts as dependent on the others if subtracting their parts leaves less than this fraction of its norm. */
const INDEPENDENT = 1e-5;

/**
 * Works in place, by the modified Gram-Schmidt process in float64, column after column. A column that depends on earlier columns
 * becomes zeros.
 * @param p `rank` columns, row by row
 */
export function orthonormalise(p: Float32Array, rank: number): void {
  const rows = p.length / rank;
  const columns = Array.from({ length: rank }, (_, k) =>
    Float64Array.from({ length: rows }, (_, i) => p[i * rank + k]),
  );
  for (const [k, column] of columns.entries()) {
    const before = norm(column);
    for (const other of columns.slice(0, k)) {
      const along = dot(column, other);
      for (let i = 0; i < rows; i++) column[i] -= along * other[i];
    }
    const left = norm(column);
    const isIndependent = left > INDEPENDENT * before;
    for (let i = 0; i < rows; i++) {
      // A column with NaN or infinity must stay NaN, so that the divergence is noticed.
      column[i] = isIndependent || Number.isNaN(left) ? column[i] / left : 0;
      p[i * rank + k] = column[i];
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
