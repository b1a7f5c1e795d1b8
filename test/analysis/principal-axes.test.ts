import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { computeCovariance } from "../../src/analysis/covariance.js";
import { computePca, pcaOf } from "../../src/analysis/pca.js";
import { principalAxes, principalCoordinates } from "../../src/analysis/principal-axes.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { bytes, largestDifference, randomMatrix, spectral } from "./synthetic.js";

const device = openReferenceDevice();

describe("principalAxes", () => {
  it("of any basis of the PCA subspace are the components of PCA", async () => {
    const { split } = spectral(500, 15, [3, 2, 1, 0.5, 0.1]);
    const covariance = await computeCovariance(device, split);
    const pca = await pcaOf(device, covariance, 3);
    const mixture = Matrix.from1DArray(3, 3, randomMatrix(3, 3, 8).values);
    const decoder = mixture.mmul(Matrix.from1DArray(3, 15, pca.components.values)).to1DArray();
    const axes = principalAxes({ rows: 3, columns: 15, values: Float64Array.from(decoder) }, covariance);
    expect(largestDifference(axes.eigenvalues, pca.eigenvalues)).toBeLessThan(1e-5);
    expect(largestDifference(axes.components.values, pca.components.values)).toBeLessThan(1e-5);
  });

  it("refuses a decoder of another width, and one whose rows do not span a code", async () => {
    const covariance = await computeCovariance(device, bytes(20, 4));
    expect(() => principalAxes(randomMatrix(2, 5), covariance)).toThrow("the decoder has 5 outputs, the covariance 4");
    const dead = { rows: 2, columns: 4, values: Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0) };
    expect(() => principalAxes(dead, covariance)).toThrow("principal axes: the decoder: its 2 rows span only 1");
  });
});

describe("principalCoordinates", () => {
  it.each([8, 90])("have the variances of PCA of %i columns, are uncorrelated and centred", async (columns) => {
    const { split } = spectral(300, columns, [2, 1, 0.3, 0.2, 0.1]);
    const { values } = principalCoordinates({ rows: 300, columns, values: split.images as Float32Array }, 2);
    const moment = (i: number, j: number) => {
      let sum = 0;
      for (let row = 0; row < 300; row++) sum += values[2 * row + i] * values[2 * row + j];
      return sum / 300;
    };
    const { eigenvalues } = await computePca(device, split, 2);
    expect(moment(0, 0)).toBeCloseTo(eigenvalues[0], 4);
    expect(moment(1, 1)).toBeCloseTo(eigenvalues[1], 4);
    expect(moment(0, 1)).toBeCloseTo(0, 6);
    expect(Array.from(values).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
  });
});
