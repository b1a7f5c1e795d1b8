/**
 * Orthonormal bases of row spaces, by QR, and the Rayleigh-Ritz step in one: the best that can be said about the
 * eigenvectors of a symmetric matrix from within a subspace (Golub & Van Loan, Matrix Computations, 8.1.4). Both PCA and
 * the axes of a linear autoencoder end in that step.
 */
import { EigenvalueDecomposition, type Matrix, QrDecomposition } from "ml-matrix";
import { UsageError } from "../error.js";
import { type DenseMatrix, toMatrix } from "./matrix.js";

/** Below this part of the longest, what is left of a row after those above are taken out counts as rounding. */
const RANK_TOLERANCE = 1e-10;

/** Rows that are orthonormal and span what the rows of `matrix` span, as long as those are linearly independent. */
export function orthonormalRows(matrix: Matrix): Matrix {
  return new QrDecomposition(matrix.transpose()).orthogonalMatrix.transpose();
}

/**
 * An orthonormal basis of a subspace given by the rows that span it.
 * @throws UsageError when the rows are linearly dependent: they do not say which subspace of that dimension is meant
 */
export function subspaceBasis(what: string, spanning: DenseMatrix): Matrix {
  const { rows, columns } = spanning;
  if (rows > columns) {
    throw new UsageError(`${what}: a subspace of ${columns} dimensions has no ${rows} independent rows`);
  }
  const decomposition = new QrDecomposition(toMatrix(what, spanning).transpose());
  const lengths = decomposition.upperTriangularMatrix.diagonal().map(Math.abs);
  const rank = lengths.filter((length) => length > RANK_TOLERANCE * Math.max(...lengths)).length;
  if (rank < rows) {
    throw new UsageError(`${what}: its ${rows} rows span only ${rank} dimensions; leave out the dependent ones`);
  }
  return decomposition.orthogonalMatrix.transpose();
}

export interface RitzPairs {
  /** Descending. */
  readonly values: number[];
  /** Orthonormal rows, one a value; the sign is such that the largest entry of each is positive. */
  readonly vectors: Matrix;
}

/**
 * @param basis orthonormal rows `[m, n]`
 * @param image the basis times the symmetric matrix, `[m, n]`
 */
export function rayleighRitz(basis: Matrix, image: Matrix): RitzPairs {
  const compressed = image.mmul(basis.transpose());
  const symmetric = compressed.clone().add(compressed.transpose()).mul(0.5);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const vectors = eigenvectorMatrix.flipRows().transpose().mmul(basis);
  return { values: realEigenvalues.toReversed(), vectors: signed(vectors) };
}

/** Turns the rows so that the largest entry of each is positive. In place. */
export function signed(vectors: Matrix): Matrix {
  for (let i = 0; i < vectors.rows; i++) {
    const row = vectors.getRow(i);
    const largest = row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) vectors.mulRow(i, -1);
  }
  return vectors;
}
