/**
 * The two figures that say how far reconstructions are from their originals. A device measures them for any reconstruction
 * that can be written as ops: PCA and autoencoders alike.
 */
import type { Split } from "../data/dataset.js";
import type { Bindings, Device } from "../device/device.js";
import type { View } from "../program/buffer.js";
import type { ProgramBuilder } from "../program/program.js";
import { sweep } from "./sweep.js";

/** The error of reconstructed images, whose pixels are in [0, 1]. */
export interface ReconstructionError {
  /** Mean over images of the squared error summed over pixels: the figure of the literature. */
  readonly sse: number;
  /** Mean over images and pixels of the squared error. */
  readonly mse: number;
}

/** @param squared the squared error summed over `count` images of `features` pixels */
export function reconstructionError(squared: number, count: number, features: number): ReconstructionError {
  return { sse: squared / count, mse: squared / count / features };
}

/** The squared error of each row, summed over its `features` values. */
export function squaredErrors(originals: Float32Array, reconstructions: Float32Array, features: number): Float32Array {
  return Float32Array.from({ length: originals.length / features }, (_, row) => {
    let sum = 0;
    for (let i = row * features; i < (row + 1) * features; i++) sum += (originals[i] - reconstructions[i]) ** 2;
    return sum;
  });
}

export interface Reconstructor {
  /** For error messages. */
  readonly name: string;
  /** Adds the ops that reconstruct a batch `[rows, features]` and returns the view of the same shape that they fill. */
  readonly reconstruct: (builder: ProgramBuilder, images: View) => View;
  /** Memory for buffers that the ops name. */
  readonly bindings?: Bindings;
}

export async function measureReconstruction(
  device: Device,
  split: Split,
  { name, reconstruct, bindings }: Reconstructor,
): Promise<ReconstructionError> {
  const { squared } = await sweep(device, split, {
    name,
    bindings,
    accumulators: ["squared"],
    body(builder, images) {
      const input = reconstruct(builder, images);
      const total = builder.buffer("batchSquared", "f32", [1]);
      const sum = builder.buffer("squared", "f32", [1]);
      builder.loss({ loss: "mse", input, target: images, scale: 1, total }).add({ a: sum, b: total, out: sum });
    },
  });
  return reconstructionError(squared[0], split.count, split.features);
}
