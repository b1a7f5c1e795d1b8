/**
 * Products of a matrix M, stored row by row, with matrices of `rank` columns, which are few. Each product and each sum is
 * rounded to f32, in the order of the definitions, so the bits do not depend on where they are computed.
 */

/** A matrix in the memory of this process. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** The products that PowerSGD uses. */
export interface LowRankProducts {
  /** p = M q: for each row and each column of q the sum over the columns of M, in their order. */
  right(m: Matrix, q: Float32Array, rank: number, p: Float32Array): void;
  /** q = M^T p: the sums over the rows of M, in their order. */
  left(m: Matrix, p: Float32Array, rank: number, q: Float32Array): void;
  /** M = p q^T: the sums over the columns of p and q, in their order. */
  outer(p: Float32Array, q: Float32Array, rank: number, m: Matrix): void;
}

const { fround } = Math;

/** In plain TypeScript. */
export const portableProducts: LowRankProducts = {
  right({ data, rows, columns }, q, rank, p) {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < rank; k++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum = fround(sum + fround(data[i * columns + j] * q[j * rank + k]));
        p[i * rank + k] = sum;
      }
    }
  },
  left({ data, rows, columns }, p, rank, q) {
    q.fill(0, 0, columns * rank);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const element = data[i * columns + j];
        for (let k = 0; k < rank; k++) {
          q[j * rank + k] = fround(q[j * rank + k] + fround(element * p[i * rank + k]));
        }
      }
    }
  },
  outer(p, q, rank, { data, rows, columns }) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum = fround(sum + fround(p[i * rank + k] * q[j * rank + k]));
        data[i * columns + j] = sum;
      }
    }
  },
};
