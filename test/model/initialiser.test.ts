import { Matrix, QrDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { INITIALISERS, type Initialiser, initialWeights } from "../../src/model/initialiser.js";
import { Random } from "../../src/world/random.js";

const weights = (name: Initialiser, inputs: number, outputs: number, seed = 1): Float32Array =>
  initialWeights(name, inputs, outputs, new Random(seed));

const variance = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

describe("initialisers", () => {
  it.each(INITIALISERS)("%s is a function of the seed", (name) => {
    expect(weights(name, 12, 7)).toEqual(weights(name, 12, 7));
    expect(weights(name, 12, 7)).not.toEqual(weights(name, 12, 7, 2));
  });

  it.each([
    ["glorot", 2 / 500],
    ["he", 2 / 300],
    ["lecun", 1 / 300],
  ] as const)("%s has the variance of its paper", (name, expected) => {
    expect(variance(weights(name, 300, 200)) / expected).toBeCloseTo(1, 1);
  });

  it("glorot stays within its bound", () => {
    const bound = Math.sqrt(6 / 50);
    expect(weights("glorot", 30, 20).every((w) => Math.abs(w) <= bound)).toBe(true);
  });

  it.each([
    [20, 30],
    [30, 20],
    [25, 25],
  ])("orthogonal %i x %i has orthonormal rows or columns, whichever are fewer", (inputs, outputs) => {
    const w = weights("orthogonal", inputs, outputs);
    const narrow = Math.min(inputs, outputs);
    const long = Math.max(inputs, outputs);
    const at = (vector: number, i: number): number =>
      inputs >= outputs ? w[i * outputs + vector] : w[vector * outputs + i];
    for (let a = 0; a < narrow; a++) {
      for (let b = 0; b < narrow; b++) {
        let dot = 0;
        for (let i = 0; i < long; i++) dot += at(a, i) * at(b, i);
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
  });

  it.each([
    [40, 30],
    [30, 40],
    [1, 7],
  ])("orthogonal %i x %i is Q of the library's decomposition, to the last bit", (inputs, outputs) => {
    const [tall, narrow] = [Math.max(inputs, outputs), Math.min(inputs, outputs)];
    const random = new Random(1);
    const gaussian = Matrix.from1DArray(
      tall,
      narrow,
      Array.from({ length: tall * narrow }, () => random.normal()),
    );
    const { orthogonalMatrix: q, upperTriangularMatrix: r } = new QrDecomposition(gaussian);
    const signed = new Matrix(q.to2DArray().map((row) => row.map((x, j) => x * Math.sign(r.get(j, j)))));
    const expected = (inputs >= outputs ? signed : signed.transpose()).to1DArray();
    expect(weights("orthogonal", inputs, outputs)).toEqual(Float32Array.from(expected));
  });

  it("sparse gives every unit 15 incoming weights, or all it can have", () => {
    for (const [inputs, expected] of [
      [100, 15],
      [9, 9],
    ]) {
      const w = weights("sparse", inputs, 40);
      for (let unit = 0; unit < 40; unit++) {
        const nonZero = Array.from({ length: inputs }, (_, i) => w[i * 40 + unit]).filter((x) => x !== 0);
        expect(nonZero).toHaveLength(expected);
      }
    }
  });
});
