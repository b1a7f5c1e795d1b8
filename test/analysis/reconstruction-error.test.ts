import { expect, it } from "vitest";
import { measureReconstruction } from "../../src/analysis/reconstruction-error.js";
import { describeEveryDevice } from "../support/devices.js";
import { bytes } from "./synthetic.js";

describeEveryDevice((device) => {
  it("the error of black images is their mean squared brightness, over a last batch that is not whole", async () => {
    const split = bytes(1030, 6);
    const { sse, mse } = await measureReconstruction(device(), split, {
      name: "black",
      reconstruct: (builder, images) => builder.buffer("black", "f32", [images.rows, images.columns]),
    });
    const squared = Array.from(split.images).reduce((sum, value) => sum + (value / 255) ** 2, 0);
    expect(Math.abs(sse / (squared / 1030) - 1)).toBeLessThan(1e-6);
    expect(mse).toBeCloseTo(sse / 6, 12);
  });
});
