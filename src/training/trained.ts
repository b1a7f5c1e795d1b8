/**
 * A trained autoencoder on a device: encode, decode, reconstruct, measure. Inputs and outputs are rows in the scale of
 * the data: a network that was trained on standardized columns converts them.
 */
import { type ReconstructionError, squaredErrors } from "../analysis/reconstruction-error.js";
import { openCheckpoint } from "../checkpoint/open.js";
import type { StoredCheckpoint } from "../checkpoint/read.js";
import { type Split, sliceSplit } from "../data/dataset.js";
import { fromDeviations, standardise, toDeviations } from "../data/standardise.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { DawnpourError, UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { Component } from "../model/components.js";
import { Inference } from "../model/inference.js";
import type { World } from "../world/world.js";
import type { TrainingConfig } from "./config/config.js";
import { evaluate } from "./evaluate.js";
import { modelFromCheckpoint } from "./run-folder/snapshot.js";

/** Rows whose values and reconstructions are in memory at a time. */
const SCORED_AT_ONCE = 4096;

/**
 * An autoencoder with its parameters on a device. `destroy` it when it is no longer needed.
 * @example
 * ```ts
 * import { loadDataset, openDevice, TrainedAutoencoder, train } from "dawnpour";
 * import { nodeWorld } from "dawnpour/actors";
 *
 * const options = { dataset: "digits:60", layers: [784, 4], batch: 20, steps: 2 };
 * (await train(options, { device: "cpu", out: "runs/trained", pca: false })).close();
 * await using device = await openDevice({ device: "cpu" });
 * const autoencoder = await TrainedAutoencoder.load(nodeWorld(), device, "runs/trained");
 * const { test } = await loadDataset("digits:60");
 * console.log((await autoencoder.encode(test)).length / test.count); // 4
 * autoencoder.destroy();
 * ```
 */
export class TrainedAutoencoder {
  readonly model: Autoencoder;
  readonly config: TrainingConfig;
  /** Training steps behind it. */
  readonly step: number;
  readonly #device: Device;
  readonly #parameters: DeviceBuffer<"f32">;
  readonly #inference: Inference;
  #destroyed = false;

  /**
   * Opens what was trained.
   * @param path a run's folder (its newest checkpoint), a checkpoint's folder, or a model.safetensors, also on its own
   */
  static async load(world: World, device: Device, path: string): Promise<TrainedAutoencoder> {
    return TrainedAutoencoder.restore(device, await openCheckpoint(world, path, { optimizer: false }));
  }

  /** The model of a checkpoint that was read. */
  static restore(device: Device, checkpoint: StoredCheckpoint): TrainedAutoencoder {
    const { config, model, parameters } = modelFromCheckpoint(checkpoint);
    return new TrainedAutoencoder(device, model, config, checkpoint.step, parameters);
  }

  /**
   * A model in use on a device.
   * @param parameters the flat vector of `model`; copied to `device`
   */
  constructor(device: Device, model: Autoencoder, config: TrainingConfig, step: number, parameters: Float32Array) {
    const { length } = model.layout;
    if (!(parameters instanceof Float32Array) || parameters.length !== length) {
      throw new UsageError(
        `the parameters of a ${model.name} network are a Float32Array of ${length} numbers, got ${parameters?.length ?? typeof parameters}`,
      );
    }
    this.#device = device;
    this.model = model;
    this.config = config;
    this.step = step;
    this.#parameters = device.createBuffer("f32", parameters.length, "parameters");
    this.#parameters.write(parameters);
    this.#inference = new Inference(device, model, this.#parameters);
  }

  /** Images, `[n, input size]` values as in the data or a split of a data set -> codes `[n, code size]`. */
  async encode(images: Float32Array | Split): Promise<Float32Array> {
    this.#checkThere();
    return this.#inference.encode(this.#values(images));
  }

  /** Codes `[n, code size]` -> images `[n, input size]`. */
  async decode(codes: Float32Array): Promise<Float32Array> {
    this.#checkThere();
    return this.#unscaled(await this.#inference.decode(codes));
  }

  /** Images -> images `[n, input size]`, through the code; of a split in standard deviations, in these. */
  async reconstruct(images: Float32Array | Split): Promise<Float32Array> {
    this.#checkThere();
    const made = await this.#inference.reconstruct(this.#values(images));
    return "columns" in images && images.columns ? made : this.#unscaled(made);
  }

  /** The reconstruction error over a split; in standard deviations, if the network was trained on these. */
  async evaluate(split: Split): Promise<ReconstructionError> {
    this.#checkThere();
    return evaluate(this.#device, this.model, this.scaled(split), this.#parameters);
  }

  /** The rows of a split in the network's scale: in standard deviations, if it was trained on these. */
  scaled(split: Split): Split {
    this.#checkFeatures(split);
    const { columns } = this.config;
    return columns ? standardise(split, columns) : split;
  }

  /** The reconstruction error of each row: the squared error, summed over the row. For anomaly detection. */
  async score(rows: Float32Array | Split): Promise<Float32Array> {
    this.#checkThere();
    const { inputSize } = this.model;
    const count = rows instanceof Float32Array ? rows.length / inputSize : rows.count;
    const scores = new Float32Array(count);
    for (let first = 0; first < count; first += SCORED_AT_ONCE) {
      const end = Math.min(count, first + SCORED_AT_ONCE);
      const values = this.#values(
        rows instanceof Float32Array ? rows.subarray(first * inputSize, end * inputSize) : sliceSplit(rows, first, end),
      );
      scores.set(squaredErrors(values, await this.#inference.reconstruct(values), inputSize), first);
    }
    return scores;
  }

  /** A file for ONNX runtimes: of `encode`, `decode` or, by default, `reconstruct`. */
  async onnx(component: Component = "reconstruct"): Promise<Uint8Array> {
    this.#checkThere();
    const { encodeOnnx } = await import("../export/onnx.js");
    return encodeOnnx(this.model, await this.#parameters.read(), component, {}, this.config.columns);
  }

  /** Frees the device memory of the model; the device stays. */
  destroy(): void {
    this.#destroyed = true;
    this.#inference.destroy();
    this.#parameters.destroy();
  }

  /** As `destroy`, at the end of a block that begins with `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** As `destroy`, at the end of a block that begins with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
  }

  #checkThere(): void {
    if (this.#destroyed) throw new DawnpourError("the autoencoder was destroyed: load it again to use it");
  }

  #values(images: Float32Array | Split): Float32Array {
    const { columns } = this.config;
    if (images instanceof Float32Array) return columns ? toDeviations(images, columns) : images;
    const split = this.scaled(images);
    return Float32Array.from(split.images, (value) => value * split.scale);
  }

  #unscaled(values: Float32Array): Float32Array {
    const { columns } = this.config;
    return columns ? fromDeviations(values, columns) : values;
  }

  #checkFeatures({ features }: Split): void {
    if (features !== this.model.inputSize) {
      throw new UsageError(
        `the checkpoint is of a ${this.model.name} network, which takes rows of ${this.model.inputSize} values; those of the data have ${features}: give the data it was trained on`,
      );
    }
  }
}
