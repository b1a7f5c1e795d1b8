/**
 * Mean and covariance of a split, on the device, in two passes: the first adds up the rows, the second subtracts their
 * mean and adds up the products. One pass over E[x x^T] - m m^T would do half the work, but that difference of two large
 * numbers loses in float32 what the small eigenvalues are made of; with the rows centred first, an error of the mean
 * enters only as its square (Chan, Golub & LeVeque 1983).
 */
import type { Split } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { sweep } from "./sweep.js";

export interface Covariance {
  /** Number of rows behind it. */
  readonly count: number;
  readonly features: number;
  /** `[features]`, in [0, 1]. */
  readonly mean: Float64Array;
  /** `[features, features]`, symmetric: the mean, over rows, of the product of two centred features. */
  readonly values: Float64Array;
}

/** The covariance of the rows of `split`, divided by their number (not one less): its trace is the SSE of the mean. */
export async function computeCovariance(device: Device, split: Split): Promise<Covariance> {
  const { count, features } = split;
  const { sum } = await sweep(device, split, {
    name: "mean",
    accumulators: ["sum"],
    body(builder, images) {
      const out = builder.buffer("sum", "f32", [features]);
      builder.sumRows({ input: images, accumulate: true, out });
    },
  });
  const mean = Float64Array.from(sum, (value) => value / count);
  const { products } = await centredProducts(device, split, mean);
  return { count, features, mean, values: Float64Array.from(products, (value) => value / count) };
}

async function centredProducts(device: Device, split: Split, mean: Float64Array) {
  const bound = device.createBuffer("f32", split.features, "mean");
  try {
    bound.write(Float32Array.from(mean));
    return await sweep(device, split, {
      name: "covariance",
      accumulators: ["products"],
      bindings: { mean: bound },
      body(builder, images) {
        const row = builder.buffer("mean", "f32", [images.columns]);
        const minusOne = builder.buffer("minusOne", "f32", [images.rows, 1]);
        const out = builder.buffer("products", "f32", [images.columns, images.columns]);
        builder.fill({ value: -1, out: minusOne });
        builder.gemm({ a: minusOne, b: row, accumulate: true, out: images });
        builder.gemm({ a: images, b: images, transposeA: true, accumulate: true, out });
      },
    });
  } finally {
    bound.destroy();
  }
}
