import { expect, it } from "vitest";
import { computeCovariance } from "../../src/analysis/covariance.js";
import { describeEveryDevice } from "../support/devices.js";
import { bytes, largestDifference, plainCovariance, spectral } from "./synthetic.js";

describeEveryDevice((device) => {
  it.each([
    [1, 3],
    [7, 5],
    [600, 11],
  ])("covariance of %i rows of %i bytes is what its definition says", async (count, features) => {
    const split = bytes(count, features);
    const expected = plainCovariance(split);
    const { mean, values } = await computeCovariance(device(), split);
    expect(largestDifference(mean, expected.mean)).toBeLessThan(1e-6);
    expect(largestDifference(values, expected.covariance.to1DArray())).toBeLessThan(1e-6);
  });

  it("covariance keeps a small variance beside a large mean", async () => {
    const { split } = spectral(400, 6, [0.001]);
    const far = { ...split, images: split.images.map((value) => value + 100) };
    const expected = plainCovariance(far).covariance.trace();
    const { values, features } = await computeCovariance(device(), far);
    const trace = values.reduce((sum, value, at) => sum + (at % (features + 1) === 0 ? value : 0), 0);
    expect(Math.abs(trace / expected - 1)).toBeLessThan(1e-4);
  });
});
