/**
 * Orthonormal bases of row spaces, by QR, and the Rayleigh-Ritz step within a basis: the best approximation of the eigenpairs
 * of a symmetric matrix that a subspace allows (Golub & Van Loan, Matrix Computations, 8.1.4). Both PCA and the axes of a
 * linear autoencoder end in that step.
 */
import { EigenvalueDecomposition, type Matrix, QrDecomposition } from "ml-matrix";
import { UsageError } from "../error.js";
import { type DenseMatrix, toMatrix } from "./matrix.js";

/** QR takes out of each row what the rows above it span. A rest below this part of the longest row counts as rounding. */
const RANK_TOLERANCE = 1e-10;

/** Orthonormal rows that span what the rows of `matrix` span. The rows of `matrix` must be linearly independent. */
export function orthonormalRows(matrix: Matrix): Matrix {
  return new QrDecomposition(matrix.transpose()).orthogonalMatrix.transpose();
}

/**
 * An orthonormal basis of a subspace given by the rows that span it.
 * @throws UsageError when the rows are linearly dependent: they span fewer dimensions than there are rows
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
  /** Orthonormal rows, one for each value. The sign of a row is such that its largest entry is positive. */
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
