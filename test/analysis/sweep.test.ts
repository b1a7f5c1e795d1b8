import { expect, it } from "vitest";
import { sweep } from "../../src/analysis/sweep.js";
import type { Split } from "../../src/data/dataset.js";
import type { Device } from "../../src/device/device.js";
import { describeEveryDevice } from "../support/devices.js";

/** Row i is [i, 1]: the sums of a sweep say which rows it saw, and how often. */
function counted(count: number): Split {
  const images = Float32Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? at / 2 : 1));
  return { images, count, features: 2, scale: 1 };
}

function sumOf(device: Device, split: Split, windowBytes?: number) {
  return sweep(device, split, {
    name: "sum",
    accumulators: ["sum"],
    windowBytes,
    body(builder, images) {
      builder.sumRows({ input: images, accumulate: true, out: builder.buffer("sum", "f32", [images.columns]) });
    },
  });
}

describeEveryDevice((device) => {
  it.each([1, 511, 512, 513, 1500, 2048])("sweep sees each of %i rows once", async (count) => {
    const { sum } = await sumOf(device(), counted(count));
    expect(Array.from(sum)).toEqual([(count * (count - 1)) / 2, count]);
  });

  it.each([
    // A row a window.
    [8, 150],
    [60, 600],
    [8 * 512, 1500],
    [8 * 1100, 1500],
  ])("sweep streams rows through a window of %i bytes: %i rows", async (windowBytes, count) => {
    const { sum } = await sumOf(device(), counted(count), windowBytes);
    expect(Array.from(sum)).toEqual([(count * (count - 1)) / 2, count]);
  });

  it("sweep refuses data without rows, and an accumulator that the ops do not have", async () => {
    await expect(sumOf(device(), counted(0))).rejects.toThrow("sum: the data has no rows");
    const misnamed = sweep(device(), counted(3), {
      name: "sum",
      accumulators: ["total"],
      body: (builder, images) => {
        builder.sumRows({ input: images, out: builder.buffer("sum", "f32", [2]) });
      },
    });
    await expect(misnamed).rejects.toThrow('sum: has no f32 buffer "total"');
  });
});
