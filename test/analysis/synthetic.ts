/** Data whose principal components are known: orthonormal directions with chosen standard deviations around a mean. */
import { Matrix } from "ml-matrix";
import { orthonormalRows } from "../../src/analysis/basis.js";
import type { DenseMatrix } from "../../src/analysis/matrix.js";
import type { Split } from "../../src/data/dataset.js";
import { Random } from "../../src/world/random.js";

export function randomMatrix(rows: number, columns: number, ...seed: number[]): DenseMatrix {
  const random = new Random(17, ...seed);
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, () => random.normal()) };
}

export function bytes(count: number, features: number, ...seed: number[]): Split {
  const random = new Random(18, ...seed);
  const images = Uint8Array.from({ length: count * features }, () => random.below(256));
  return { images, count, features, scale: 1 / 255 };
}

/** Rows `0.5 + sum of deviation[i] * normal * direction[i]`, as f32. */
export function spectral(count: number, features: number, deviations: readonly number[], seed = 0) {
  const directions = orthonormalRows(
    Matrix.from1DArray(deviations.length, features, randomMatrix(deviations.length, features, seed).values),
  );
  const codes = Matrix.from1DArray(count, deviations.length, randomMatrix(count, deviations.length, seed, 1).values);
  const rows = codes.mulRowVector(deviations).mmul(directions).add(0.5);
  const split: Split = { images: Float32Array.from(rows.to1DArray()), count, features, scale: 1 };
  return { split, directions };
}

/** Mean and covariance in float64, by the definition. */
export function plainCovariance({ images, count, features, scale }: Split) {
  const rows = Matrix.from1DArray(
    count,
    features,
    Float64Array.from(images, (value) => value * scale),
  );
  const mean = rows.mean("column");
  const centred = rows.clone().center("column");
  return { mean, covariance: centred.transpose().mmul(centred).div(count) };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
