/**
 * Principal component analysis: the best that a linear autoencoder can do, and so the baseline of every autoencoder. Its error
 * is measured as that of an autoencoder, y = ((x - m) V^T) V + m, with the same ops as a trained network.
 */
import type { Split } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { UsageError } from "../error.js";
import { type Covariance, computeCovariance } from "./covariance.js";
import { type DenseMatrix, toMatrix, toValues } from "./matrix.js";
import { measureReconstruction, type ReconstructionError } from "./reconstruction-error.js";
import { leadingEigenpairs } from "./subspace-iteration.js";

/** The leading principal components of a data set. */
export interface Pca {
  /** `[features]`, in [0, 1]. */
  readonly mean: Float64Array;
  /** Variance along each component, descending. */
  readonly eigenvalues: Float64Array;
  /** `[components, features]`, orthonormal rows; the largest entry of each is positive. */
  readonly components: DenseMatrix;
}

/**
 * The principal components of the rows of a split, by their covariance, which the device adds up.
 * @throws UsageError unless 1 <= components <= features
 * @throws the reason of `signal` once that is aborted
 * @example
 * ```ts
 * import { analysis, data, openDevice } from "dawnpour";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const { train, test } = data.digitsDataset({ count: 300 });
 * const [few, many] = await Promise.all([4, 16].map((count) => analysis.computePca(device, train, count)));
 * const errors = [await analysis.pcaError(device, few, test), await analysis.pcaError(device, many, test)];
 * console.log(errors[0].sse > errors[1].sse); // true
 * ```
 */
export async function computePca(device: Device, split: Split, components: number, signal?: AbortSignal): Promise<Pca> {
  checkComponents(components, split.features);
  const covariance = await computeCovariance(device, split);
  signal?.throwIfAborted();
  return pcaOf(device, covariance, components, signal);
}

/** As `computePca`, from a covariance that is already computed. */
export async function pcaOf(
  device: Device,
  covariance: Covariance,
  components: number,
  signal?: AbortSignal,
): Promise<Pca> {
  const { features, mean, values } = covariance;
  checkComponents(components, features);
  const pairs = await leadingEigenpairs(device, values, features, components, signal);
  return {
    mean,
    eigenvalues: Float64Array.from(pairs.values.slice(0, components)),
    components: { rows: components, columns: features, values: toValues(pairs.vectors, components) },
  };
}

function checkComponents(components: number, features: number): void {
  if (!Number.isSafeInteger(components) || components < 1 || components > features) {
    throw new UsageError(
      `PCA: components must be a whole number from 1 to ${features} (the features), got ${components}`,
    );
  }
}

/** The error over `split` when its rows are reconstructed from the components of `pca`. */
export async function pcaError(device: Device, pca: Pca, split: Split): Promise<ReconstructionError> {
  const { rows: code, columns: features } = pca.components;
  if (features !== split.features) {
    throw new UsageError(
      `PCA of ${features} features cannot reconstruct data of ${split.features}; fit it to such data`,
    );
  }
  const components = device.createBuffer("f32", code * features, "components");
  const bias = device.createBuffer("f32", code, "bias");
  const mean = device.createBuffer("f32", features, "mean");
  try {
    components.write(Float32Array.from(pca.components.values));
    bias.write(Float32Array.from(projectedMean(pca), (value) => -value));
    mean.write(Float32Array.from(pca.mean));
    return await measureReconstruction(device, split, {
      name: "PCA",
      bindings: { components, bias, mean },
      reconstruct(builder, images) {
        const v = builder.buffer("components", "f32", [code, features]);
        const codes = builder.buffer("codes", "f32", [images.rows, code]);
        const out = builder.buffer("reconstructions", "f32", [images.rows, features]);
        builder.gemm({ a: images, b: v, transposeB: true, bias: builder.buffer("bias", "f32", [code]), out: codes });
        builder.gemm({ a: codes, b: v, bias: builder.buffer("mean", "f32", [features]), out });
        return out;
      },
    });
  } finally {
    for (const buffer of [components, bias, mean]) buffer.destroy();
  }
}

/** The reconstructions of a few images `[n, features]`, computed in this process. */
export function pcaReconstruct(pca: Pca, images: DenseMatrix): DenseMatrix {
  const v = toMatrix("PCA components", pca.components);
  const centred = toMatrix("images", images).subRowVector(Array.from(pca.mean));
  const values = toValues(centred.mmul(v.transpose()).mmul(v).addRowVector(Array.from(pca.mean)));
  return { rows: images.rows, columns: images.columns, values };
}

/** V m, `[components]`. */
function projectedMean({ components: { rows, columns, values }, mean }: Pca): Float64Array {
  const dot = (row: number): number =>
    mean.reduce((sum, value, column) => sum + value * values[row * columns + column], 0);
  return Float64Array.from({ length: rows }, (_, row) => dot(row));
}
