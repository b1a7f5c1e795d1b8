/** Eigenpairs of symmetric matrices, by the native core and without it. */
import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import type { RitzPairs } from "../../src/analysis/basis.js";
import { type Eigenproblem, nativeEigenpairs } from "../../src/analysis/native-eigen.js";
import { portableEigenpairs } from "../../src/analysis/subspace-iteration.js";
import { symmetricEigen } from "../../src/analysis/symmetric-eigen.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { Random } from "../../src/world/random.js";

/** Rows of a matrix that takes seconds. */
const SIZE = 2000;

const flat = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function normals(rows: number, columns: number): Matrix {
  const random = new Random(3);
  return Matrix.from1DArray(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

/** Positive semidefinite, of a rank, with variances that fall by a factor from one direction to the next. */
function symmetric(size: number, rank = size, factor = 1): Matrix {
  const rows = normals(rank, size).mulColumnVector(Array.from({ length: rank }, (_, i) => factor ** i));
  return rows.transpose().mmul(rows).div(size);
}

const problemOf = (matrix: Matrix, count: number, width?: number): Eigenproblem => ({
  matrix: flat(matrix),
  size: matrix.rows,
  count,
  ...(width !== undefined && { basis: flat(normals(width, matrix.rows)) }),
});

const largest = (matrix: Matrix): number => matrix.to1DArray().reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The matrix times each vector is the value times the vector; the vectors are orthonormal, and turned the same way. */
function expectPairs(matrix: Matrix, { values, vectors }: RitzPairs, tolerance: number): void {
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  const scale = Math.max(largest(matrix), Number.MIN_VALUE);
  const residual = vectors.mmul(matrix).sub(vectors.clone().mulColumnVector(values));
  expect(largest(residual) / scale).toBeLessThan(tolerance);
  expect(largest(vectors.mmul(vectors.transpose()).sub(Matrix.eye(vectors.rows)))).toBeLessThan(1e-10);
  for (const row of vectors.to2DArray())
    expect(Math.max(...row)).toBeGreaterThanOrEqual(Math.max(...row.map((x) => -x)));
}

describe("eigenpairs by the native core", () => {
  it.each([1, 2, 3, 7, 64, 150])("all of %i rows", async (size) => {
    const matrix = symmetric(size);
    expectPairs(matrix, await nativeEigenpairs(problemOf(matrix, size)), 1e-12);
  });

  it("the leading ones of a subspace are those of the whole", async () => {
    const matrix = symmetric(300, 300, 0.95);
    const [whole, within] = await Promise.all([
      nativeEigenpairs(problemOf(matrix, 20)),
      nativeEigenpairs(problemOf(matrix, 20, 56)),
    ]);
    expectPairs(matrix, within, 1e-6);
    expect(Math.abs(sum(within.values) / sum(whole.values) - 1)).toBeLessThan(1e-12);
  });

  it.each([
    ["of zeros", Matrix.zeros(40, 40)],
    ["of one value for all", Matrix.eye(40)],
    ["of few dimensions", symmetric(40, 3)],
    ["of small numbers", symmetric(40).mul(1e-200)],
    ["of large numbers", symmetric(40).mul(1e200)],
    ["of numbers of all sizes", symmetric(40, 40, 1e-4)],
  ])("of a matrix %s", async (_, matrix) => {
    expectPairs(matrix, await nativeEigenpairs(problemOf(matrix, 40)), 1e-12);
    expectPairs(matrix, await nativeEigenpairs(problemOf(matrix, 5, 26)), 1e-6);
  });

  it("of data of fewer rows than columns, many of which are empty", async () => {
    const rows = normals(20, 250);
    for (let column = 200; column < 250; column++)
      rows.setColumn(
        column,
        Array.from({ length: 20 }, () => 0),
      );
    const matrix = rows.transpose().mmul(rows).div(20);
    expectPairs(matrix, await nativeEigenpairs(problemOf(matrix, 40)), 1e-12);
    expectPairs(matrix, await nativeEigenpairs(problemOf(matrix, 250)), 1e-12);
  });

  it("are the same bits on any number of threads", async () => {
    const matrix = symmetric(200);
    for (const problem of [problemOf(matrix, 30), problemOf(matrix, 8, 32)]) {
      const [first, ...others] = await Promise.all([1, 2, 3].map((threads) => nativeEigenpairs(problem, threads)));
      for (const other of others) expect(other).toEqual(first);
    }
  });

  it("are refused for a matrix that holds NaN", async () => {
    const matrix = symmetric(30);
    matrix.set(4, 4, Number.NaN);
    for (const problem of [problemOf(matrix, 3), problemOf(matrix, 3, 20)]) {
      await expect(nativeEigenpairs(problem)).rejects.toThrow(/^eigenvalues of 30 features: .* it holds NaN/);
    }
  });
});

it.each([
  ["all at once", 60, 20],
  ["within a subspace", 300, 16],
])("the native core and JavaScript explain the same, %s", async (_, size, count) => {
  const matrix = symmetric(size, size, 0.95);
  const portable = await portableEigenpairs(openReferenceDevice(), flat(matrix), size, count);
  const native = await nativeEigenpairs(problemOf(matrix, count));
  const explained = sum(portable.values.slice(0, count));
  expect(Math.abs(explained - sum(native.values)) / matrix.trace()).toBeLessThan(1e-9);
});

it.each([
  ["the native core", (matrix, signal) => nativeEigenpairs({ matrix, size: SIZE, count: 9 }, undefined, signal)],
  ["JavaScript", (matrix, signal) => symmetricEigen(matrix, SIZE, signal)],
] satisfies [string, (matrix: Float64Array, signal: AbortSignal) => Promise<RitzPairs>][])(
  "%s ends at once when it is stopped",
  async (_, solve) => {
    const matrix = Float64Array.from({ length: SIZE * SIZE }, (_, i) => 1 / (1 + Math.floor(i / SIZE) + (i % SIZE)));
    const stop = new AbortController();
    const running = solve(matrix, stop.signal);
    stop.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    await expect(solve(matrix, stop.signal)).rejects.toThrow("enough");
  },
);
