/**
 * Axes for subspaces. A linear autoencoder finds the subspace of PCA, but the rows of its decoder are any basis of it. The axes
 * are the eigenvectors of the data's covariance within the subspace that the decoder spans. (The singular vectors of the
 * decoder would be other axes: they do not depend on the data.)
 */
import { Matrix } from "ml-matrix";
import { UsageError } from "../error.js";
import { Random } from "../world/random.js";
import { orthonormalRows, rayleighRitz, subspaceBasis } from "./basis.js";
import type { Covariance } from "./covariance.js";
import { type DenseMatrix, toMatrix, toValues } from "./matrix.js";

/** Number of features up to which all axes at once take at most a tenth of a second. */
const FEW_COLUMNS = 64;
/** Of the iteration: rows beyond those that are wanted, growth that a picture would not show, and the most iterations. */
const [SPARE, TOLERANCE, MOST_ITERATIONS] = [6, 1e-7, 40];
/** Keeps these random numbers apart from those of other uses of one seed. */
const SEED = 0x61786573;

/** The axes of a subspace, in the order of the variance of the data along them. */
export interface PrincipalAxes {
  /** Variance of the data along each axis, descending. */
  readonly eigenvalues: Float64Array;
  /** `[code, features]`, orthonormal rows. */
  readonly components: DenseMatrix;
}

/**
 * The principal axes of the subspace that a linear decoder spans.
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
 * The coordinates of a few rows along the leading principal axes of those same rows, `[rows, count]`: for pictures of codes.
 * Computed in this process.
 */
export function principalCoordinates(rows: DenseMatrix, count: number): DenseMatrix {
  const centred = toMatrix("principal coordinates", rows).center("column");
  const vectors = rows.columns <= FEW_COLUMNS ? allAxes(centred) : leadingAxes(centred, count);
  const axes = vectors.subMatrix(0, count - 1, 0, rows.columns - 1);
  return { rows: rows.rows, columns: count, values: toValues(centred.mmul(axes.transpose())) };
}

function allAxes(centred: Matrix): Matrix {
  const covariance = centred.transpose().mmul(centred).div(centred.rows);
  return rayleighRitz(Matrix.identity(centred.columns), covariance).vectors;
}

/** Subspace iteration on the rows themselves: to compute their covariance would take seconds for hundreds of columns. */
function leadingAxes(centred: Matrix, count: number): Matrix {
  const [random, width] = [new Random(SEED), count + SPARE];
  const start = Float64Array.from({ length: width * centred.columns }, () => random.normal());
  let basis = orthonormalRows(Matrix.from1DArray(width, centred.columns, start));
  let captured = 0;
  for (let iteration = 1; ; iteration++) {
    const image = centred.mmul(basis.transpose()).transpose().mmul(centred).div(centred.rows);
    const { values, vectors } = rayleighRitz(basis, image);
    const sum = values.slice(0, count).reduce((total, value) => total + value, 0);
    if (sum <= captured * (1 + TOLERANCE) || iteration === MOST_ITERATIONS) return vectors;
    captured = sum;
    basis = orthonormalRows(image);
  }
}

function toAxes({ values, vectors }: ReturnType<typeof rayleighRitz>): PrincipalAxes {
  const { rows, columns } = vectors;
  return { eigenvalues: Float64Array.from(values), components: { rows, columns, values: toValues(vectors) } };
}
