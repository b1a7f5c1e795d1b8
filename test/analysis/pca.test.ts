import { EigenvalueDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { computePca, pcaError, pcaReconstruct } from "../../src/analysis/pca.js";
import { principalAngles } from "../../src/analysis/principal-angles.js";
import { describeEveryDevice } from "../support/devices.js";
import { bytes, largestDifference, plainCovariance, spectral } from "./synthetic.js";

describeEveryDevice((device) => {
  describe("computePca", () => {
    it("finds the directions and variances that the data was made of", async () => {
      const { split, directions } = spectral(2000, 20, [3, 2, 1, 0.01]);
      const { eigenvalues, components, mean } = await computePca(device(), split, 3);
      expect(largestDifference(mean, new Array(20).fill(0.5))).toBeLessThan(0.15);
      for (const [i, deviation] of [3, 2, 1].entries()) {
        expect(Math.abs(eigenvalues[i] / deviation ** 2 - 1)).toBeLessThan(0.1);
      }
      const made = { rows: 3, columns: 20, values: Float64Array.from(directions.to1DArray().slice(0, 60)) };
      expect(Math.max(...principalAngles(components, made))).toBeLessThan(0.01);
    });

    it("agrees with a full decomposition where it only solves for a part", async () => {
      const deviations = Array.from({ length: 90 }, (_, i) => 0.95 ** i);
      const { split } = spectral(300, 90, deviations);
      const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(plainCovariance(split).covariance, {
        assumeSymmetric: true,
      });
      const pca = await computePca(device(), split, 5);
      const leading = realEigenvalues.toReversed().slice(0, 5);
      expect(largestDifference(pca.eigenvalues, leading)).toBeLessThan(1e-6);
      const vectors = Float64Array.from(
        eigenvectorMatrix
          .flipRows()
          .transpose()
          .to1DArray()
          .slice(0, 5 * 90),
      );
      const angles = principalAngles(pca.components, { rows: 5, columns: 90, values: vectors });
      expect(Math.max(...angles)).toBeLessThan(1e-4);
    });

    it("gives orthonormal components, the same ones each time, the largest entry of each positive", async () => {
      const split = bytes(200, 70);
      const [first, again] = [await computePca(device(), split, 4), await computePca(device(), split, 4)];
      expect(again).toEqual(first);
      const { rows, columns, values } = first.components;
      const row = (i: number) => Array.from(values.subarray(i * columns, (i + 1) * columns));
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < rows; j++) {
          const dot = row(i).reduce((sum, value, column) => sum + value * row(j)[column], 0);
          expect(dot).toBeCloseTo(i === j ? 1 : 0, 10);
        }
        expect(Math.max(...row(i))).toBeGreaterThanOrEqual(Math.max(...row(i).map((value) => -value)));
      }
    });

    it("takes data that has fewer directions than it is asked for", async () => {
      const { split } = spectral(50, 60, [1, 0.5]);
      const { eigenvalues } = await computePca(device(), split, 10);
      expect(eigenvalues[1]).toBeGreaterThan(0.1);
      expect(Math.max(...eigenvalues.subarray(2).map(Math.abs))).toBeLessThan(1e-6);
      const constant = { images: new Uint8Array(30).fill(9), count: 6, features: 5, scale: 1 / 255 };
      expect((await pcaError(device(), await computePca(device(), constant, 2), constant)).sse).toBeLessThan(1e-10);
    });

    it("refuses more components than features", async () => {
      await expect(computePca(device(), bytes(9, 4), 5)).rejects.toThrow(
        "PCA: components must be a whole number from 1 to 4 (the features), got 5",
      );
    });
  });

  describe("pcaError", () => {
    it("is the variance that the components leave over", async () => {
      const split = bytes(530, 12);
      const { covariance } = plainCovariance(split);
      const pca = await computePca(device(), split, 4);
      const left = covariance.trace() - pca.eigenvalues.reduce((sum, value) => sum + value, 0);
      const { sse, mse } = await pcaError(device(), pca, split);
      expect(Math.abs(sse / left - 1)).toBeLessThan(1e-5);
      expect(mse).toBeCloseTo(sse / 12, 12);
    });

    it("is what the reconstructions of `pcaReconstruct` show", async () => {
      const split = bytes(40, 9);
      const pca = await computePca(device(), split, 3);
      const originals = Float64Array.from(split.images, (value) => value * split.scale);
      const { values } = pcaReconstruct(pca, { rows: 40, columns: 9, values: originals });
      const squared = originals.reduce((sum, value, at) => sum + (value - values[at]) ** 2, 0);
      expect((await pcaError(device(), pca, split)).sse).toBeCloseTo(squared / 40, 5);
    });

    it("vanishes when every component is kept", async () => {
      const split = bytes(40, 9);
      expect((await pcaError(device(), await computePca(device(), split, 9), split)).sse).toBeLessThan(1e-9);
    });

    it("refuses data of another width", async () => {
      const pca = await computePca(device(), bytes(9, 4), 2);
      await expect(pcaError(device(), pca, bytes(9, 5))).rejects.toThrow(
        "PCA of 4 features cannot reconstruct data of 5",
      );
    });
  });
});
