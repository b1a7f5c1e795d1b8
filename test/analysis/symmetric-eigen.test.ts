import { Matrix } from "ml-matrix";
import { expect, it } from "vitest";
import { leadingEigenpairs } from "../../src/analysis/subspace-iteration.js";
import { symmetricEigen } from "../../src/analysis/symmetric-eigen.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { Random } from "../../src/world/random.js";

/** Symmetric, with all kinds of eigenvalues. */
function symmetric(size: number): Matrix {
  const random = new Random(3);
  const values = Matrix.from1DArray(
    size,
    size,
    Float64Array.from({ length: size * size }, () => random.normal()),
  );
  return values.mmul(values.transpose()).div(size);
}

it("every pair is one: the matrix times the vector is the value times the vector", async () => {
  const size = 150;
  const matrix = symmetric(size);
  const { values, vectors } = await leadingEigenpairs(openReferenceDevice(), flat(matrix), size, 60);
  expect(values).toHaveLength(size);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  const image = vectors.mmul(matrix);
  const scaled = vectors.clone().mulColumnVector(values);
  expect(Math.max(...image.sub(scaled).to1DArray().map(Math.abs))).toBeLessThan(1e-10);
  const identity = vectors.mmul(vectors.transpose()).sub(Matrix.eye(size));
  expect(Math.max(...identity.to1DArray().map(Math.abs))).toBeLessThan(1e-10);
  for (const row of vectors.to2DArray())
    expect(Math.max(...row)).toBeGreaterThanOrEqual(Math.max(...row.map((x) => -x)));
});

it("it ends at once when it is stopped", async () => {
  const size = 1500;
  const stop = new AbortController();
  const running = symmetricEigen(new Float64Array(size * size).fill(1), size, stop.signal);
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await expect(symmetricEigen(new Float64Array(4), 2, stop.signal)).rejects.toThrow("enough");
});

const flat = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());
