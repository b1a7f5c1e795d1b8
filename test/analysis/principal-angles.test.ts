import fc from "fast-check";
import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import type { DenseMatrix } from "../../src/analysis/matrix.js";
import { principalAngles } from "../../src/analysis/principal-angles.js";
import { largestDifference, randomMatrix } from "./synthetic.js";

const rows = (...values: number[][]): DenseMatrix => ({
  rows: values.length,
  columns: values[0].length,
  values: Float64Array.from(values.flat()),
});

/** Another basis of the same subspace: a random, well-conditioned mixture of the rows. */
function remixed({ rows: count, columns, values }: DenseMatrix, seed: number): DenseMatrix {
  const mixture = Matrix.from1DArray(count, count, randomMatrix(count, count, seed, 5).values).mul(0.1);
  const mixed = mixture.add(Matrix.identity(count)).mmul(Matrix.from1DArray(count, columns, values));
  return { rows: count, columns, values: Float64Array.from(mixed.to1DArray()) };
}

const subspaces = fc
  .record({ n: fc.integer({ min: 5, max: 24 }), p: fc.integer({ min: 1, max: 5 }), seed: fc.nat() })
  .chain(({ n, p, seed }) => fc.integer({ min: 1, max: 5 }).map((q) => ({ n, p, q, seed })))
  .map(({ n, p, q, seed }) => ({ a: randomMatrix(p, n, seed), b: randomMatrix(q, n, seed, 1), seed }));

describe("principalAngles", () => {
  it.each([0, 1e-12, 1e-6, 0.3, Math.PI / 4, 1.2, Math.PI / 2])("of two lines %f apart", (angle) => {
    const [found] = principalAngles(rows([1, 0, 0]), rows([Math.cos(angle), Math.sin(angle), 0]));
    expect(Math.abs(found - angle)).toBeLessThan(1e-15 + 1e-12 * angle);
  });

  it("of two planes that share a line are 0 and the angle between them", () => {
    const angles = principalAngles(rows([1, 0, 0], [1, 1, 0]), rows([2, 0, 0], [5, Math.cos(0.7), Math.sin(0.7)]));
    expect(largestDifference(angles, [0, 0.7])).toBeLessThan(1e-12);
  });

  it("are symmetric, ascending, within [0, pi/2], and as many as the smaller has dimensions", () => {
    fc.assert(
      fc.property(subspaces, ({ a, b }) => {
        const angles = principalAngles(a, b);
        expect(angles.length).toBe(Math.min(a.rows, b.rows));
        expect(largestDifference(angles, principalAngles(b, a))).toBeLessThan(1e-9);
        expect(Array.from(angles)).toEqual(Array.from(angles).sort((x, y) => x - y));
        expect(angles.every((angle) => angle >= 0 && angle <= Math.PI / 2)).toBe(true);
      }),
    );
  });

  it("do not depend on the bases", () => {
    fc.assert(
      fc.property(subspaces, ({ a, b, seed }) => {
        expect(largestDifference(principalAngles(remixed(a, seed), b), principalAngles(a, b))).toBeLessThan(1e-7);
      }),
    );
  });

  it("of a subspace with itself, or with one that holds it, are zero", () => {
    fc.assert(
      fc.property(subspaces, ({ a, b, seed }) => {
        expect(Math.max(...principalAngles(a, remixed(a, seed)))).toBeLessThan(1e-9);
        if (a.rows + b.rows > a.columns) return;
        const both = { rows: a.rows + b.rows, columns: a.columns, values: Float64Array.of(...a.values, ...b.values) };
        expect(Math.max(...principalAngles(a, both))).toBeLessThan(1e-9);
      }),
    );
  });

  it("refuses what is no pair of subspaces of one space", () => {
    expect(() => principalAngles(rows([1, 0]), rows([1, 0, 0]))).toThrow("lie in 2 and 3 dimensions");
    expect(() => principalAngles(rows([1, 0, 0], [2, 0, 0]), rows([1, 0, 0]))).toThrow("span only 1 dimensions");
    expect(() => principalAngles(rows([1], [2]), rows([1]))).toThrow("has no 2 independent rows");
    expect(() => principalAngles({ rows: 2, columns: 2, values: new Float32Array(3) }, rows([1, 0]))).toThrow(
      "[2, 2] needs 4 values, got 3",
    );
  });
});
