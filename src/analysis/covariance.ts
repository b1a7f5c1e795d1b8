/**
 * Mean and covariance of a split, on the device, by the corrected two-pass algorithm (Chan, Golub & LeVeque 1983). The first
 * pass finds a centre: the mean, as exactly as float32 can add it up. The second pass subtracts the centre from the rows and
 * adds up their products, and the rows themselves. The sum of the rows is the error of the centre, and corrects the result.
 * One pass over E[x x^T] - m m^T would do half the work. But the small eigenvalues would be lost in that difference of two
 * large float32 numbers.
 */
import type { Split } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { sweep } from "./sweep.js";

/** Mean and covariance of the rows of a split. */
export interface Covariance {
  /** Number of rows that it was computed from. */
  readonly count: number;
  readonly features: number;
  /** `[features]`, in [0, 1]. */
  readonly mean: Float64Array;
  /** `[features, features]`, symmetric: the mean, over rows, of the product of two centred features. */
  readonly values: Float64Array;
}

/**
 * The covariance of the rows of `split`. The divisor is their number n (not n - 1), so the trace is the SSE of the mean.
 * @example
 * ```ts
 * import { analysis, datasetInMemory, openDevice } from "dawnpour";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const { train } = datasetInMemory({ train: Float32Array.of(0, 0, 1, 2, 2, 4), features: 2 });
 * const { mean } = await analysis.computeCovariance(device, train);
 * console.log(mean.length); // 2
 * ```
 */
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
  const centre = sum.map((value) => value / count);
  const { products, rest } = await centredSums(device, split, centre);
  const error = Float64Array.from(rest, (value) => value / count);
  return {
    count,
    features,
    mean: error.map((value, i) => centre[i] + value),
    values: Float64Array.from(products, (value, at) => {
      const [row, column] = [Math.floor(at / features), at % features];
      // A device may round the two halves of the product differently.
      return (value + products[column * features + row]) / 2 / count - error[row] * error[column];
    }),
  };
}

/** Sums over the rows x of `split`: of (x - centre)^T (x - centre) and of x - centre. */
async function centredSums(device: Device, split: Split, centre: Float32Array) {
  const bound = device.createBuffer("f32", split.features, "centre");
  try {
    bound.write(centre);
    return await sweep(device, split, {
      name: "covariance",
      accumulators: ["products", "rest"],
      bindings: { centre: bound },
      body(builder, images) {
        const row = builder.buffer("centre", "f32", [images.columns]);
        const minusOne = builder.buffer("minusOne", "f32", [images.rows, 1]);
        const products = builder.buffer("products", "f32", [images.columns, images.columns]);
        const rest = builder.buffer("rest", "f32", [images.columns]);
        builder.fill({ value: -1, out: minusOne });
        builder.gemm({ a: minusOne, b: row, accumulate: true, out: images });
        builder.gemm({ a: images, b: images, transposeA: true, accumulate: true, out: products });
        builder.sumRows({ input: images, accumulate: true, out: rest });
      },
    });
  } finally {
    bound.destroy();
  }
}
