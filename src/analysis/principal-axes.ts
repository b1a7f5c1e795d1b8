/**
 * Axes for subspaces. A linear autoencoder finds the subspace of PCA, but describes it by any basis at all; its axes
 * come out exactly as the eigenvectors of the data's covariance within the subspace that its decoder spans. (The singular
 * vectors of the decoder alone would not do: they know nothing of the data.)
 */
import { Matrix } from "ml-matrix";
import { UsageError } from "../error.js";
import { rayleighRitz, subspaceBasis } from "./basis.js";
import type { Covariance } from "./covariance.js";
import { type DenseMatrix, toMatrix, toValues } from "./matrix.js";

/** The axes of a subspace, in the order of what the data does along them. */
export interface PrincipalAxes {
  /** Variance of the data along each axis, descending. */
  readonly eigenvalues: Float64Array;
  /** `[code, features]`, orthonormal rows. */
  readonly components: DenseMatrix;
}

/**
 * @param decoder the weight of a linear decoder, `[code, features]`
 * @throws UsageError when its rows are linearly dependent, or the sizes do not match
 */
export function principalAxes(decoder: DenseMatrix, covariance: Covariance): PrincipalAxes {
  const { features, values } = covariance;
  if (decoder.columns !== features) {
    throw new UsageError(
      `principal axes: the decoder has ${decoder.columns} outputs, the covariance ${features} features`,
    );
  }
  const basis = subspaceBasis("principal axes: the decoder", decoder);
  const image = basis.mmul(Matrix.from1DArray(features, features, values));
  return toAxes(rayleighRitz(basis, image));
}

/**
 * The coordinates of a few rows along the leading principal axes of those rows themselves, `[rows, count]`: for
 * pictures of codes. On the host.
 */
export function principalCoordinates(rows: DenseMatrix, count: number): DenseMatrix {
  const centred = toMatrix("principal coordinates", rows).center("column");
  const covariance = centred.transpose().mmul(centred).div(rows.rows);
  const { vectors } = rayleighRitz(Matrix.identity(rows.columns), covariance);
  const axes = vectors.subMatrix(0, count - 1, 0, rows.columns - 1);
  return { rows: rows.rows, columns: count, values: toValues(centred.mmul(axes.transpose())) };
}

function toAxes({ values, vectors }: ReturnType<typeof rayleighRitz>): PrincipalAxes {
  const { rows, columns } = vectors;
  return { eigenvalues: Float64Array.from(values), components: { rows, columns, values: toValues(vectors) } };
}
