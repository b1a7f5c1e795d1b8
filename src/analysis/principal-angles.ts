/**
 * Principal angles between two subspaces (Bjorck & Golub 1973). The first is the smallest angle between a direction of one
 * subspace and a direction of the other; the second is the smallest among the directions orthogonal to those; and so on. All
 * angles are zero when one subspace lies in the other.
 */
import { type Matrix, SingularValueDecomposition } from "ml-matrix";
import { UsageError } from "../error.js";
import { subspaceBasis } from "./basis.js";
import type { DenseMatrix } from "./matrix.js";

/**
 * The angles between the row spaces of `a` `[p, n]` and `b` `[q, n]`: min(p, q) of them, in radians, ascending.
 * They are exact to rounding over the whole range. The cosine of a small angle hardly changes with the angle, so angles below
 * 45 degrees come from their sine (theorem 2 of the paper).
 * @throws UsageError when the widths differ or the rows of one are linearly dependent
 * @example
 * ```ts
 * import { analysis } from "dawnpour";
 *
 * const plane = { rows: 2, columns: 3, values: Float64Array.of(1, 0, 0, 0, 1, 0) };
 * const line = { rows: 1, columns: 3, values: Float64Array.of(1, 0, 1) };
 * const [angle] = analysis.principalAngles(plane, line);
 * console.log((angle * 180) / Math.PI > 44.999); // true
 * ```
 */
export function principalAngles(a: DenseMatrix, b: DenseMatrix): Float64Array {
  if (a.columns !== b.columns) {
    throw new UsageError(
      `principal angles: the subspaces lie in ${a.columns} and ${b.columns} dimensions; they must match`,
    );
  }
  const [large, small] = a.rows >= b.rows ? [a, b] : [b, a];
  const onto = subspaceBasis("principal angles", large);
  const basis = subspaceBasis("principal angles", small);
  const projected = basis.mmul(onto.transpose());
  const cosines = singularValues(projected);
  const sines = singularValues(basis.clone().sub(projected.mmul(onto))).toReversed();
  const angle = (cosine: number, sine: number): number =>
    sine < cosine ? Math.asin(Math.min(1, sine)) : Math.acos(Math.min(1, cosine));
  return Float64Array.from(cosines, (cosine, i) => angle(cosine, sines[i]));
}

/** Descending. */
function singularValues(matrix: Matrix): number[] {
  return new SingularValueDecomposition(matrix, {
    autoTranspose: true,
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  }).diagonal;
}
