/**
 * A trained classifier, regression or model of a module on a device: predict and measure. Rows are in the scale of the data: a network
 * that was trained on standardised columns converts them.
 */
import { openCheckpoint } from "../checkpoint/open.js";
import type { StoredCheckpoint } from "../checkpoint/read.js";
import type { NamedTensor } from "../checkpoint/tensor.js";
import { type Split, sliceSplit } from "../data/dataset.js";
import { standardise, toDeviations } from "../data/standardise.js";
import type { Device } from "../device/device.js";
import { UsageError } from "../error.js";
import type { World } from "../world/world.js";
import type { TrainingConfig } from "./config/config.js";
import { FittedModel } from "./fit/fitted-model.js";
import { ModelEvaluation, type ModelMetrics } from "./fit/model-evaluation.js";
import { configFromCheckpoint, networkFromCheckpoint } from "./run-folder/snapshot.js";
import { loadModelFactory } from "./task/own-model.js";
import type { Task } from "./task/task.js";
import { checkedSplit, splitWithTargets } from "./task/task-data.js";
import { vectorsOf } from "./task/task-evaluation.js";

/** Rows whose predictions are in memory at a time. */
const PREDICTED_AT_ONCE = 4096;

/** A trained model with its parameters on a device. `destroy` it when it is no longer needed. */
export class TrainedModel {
  readonly config: TrainingConfig;
  /** For display: `784-256-10`. */
  readonly name: string;
  /** Training steps behind it. */
  readonly step: number;
  /** What was trained. */
  readonly task: Task;
  readonly #device: Device;
  readonly #vectors: ReturnType<typeof vectorsOf>;
  readonly #fitted: FittedModel;

  /** Opens what was trained. @param path a run's folder, or a checkpoint's */
  static async load(world: World, device: Device, path: string): Promise<TrainedModel> {
    return TrainedModel.restore(device, await openCheckpoint(world, path, { optimizer: false }));
  }

  /** The model of a checkpoint that was read. @throws UsageError for a plain autoencoder */
  static async restore(device: Device, checkpoint: StoredCheckpoint): Promise<TrainedModel> {
    const own = await loadModelFactory(configFromCheckpoint(checkpoint).model);
    const { config, task, parameters } = networkFromCheckpoint(checkpoint, own);
    if (task) return new TrainedModel(device, task, config, checkpoint.step, parameters);
    throw new UsageError(`${checkpoint.path} is a plain autoencoder: open it with TrainedAutoencoder.load`);
  }

  /**
   * A model in use on a device.
   * @param learned the flat vector of the task; copied to `device`
   */
  constructor(device: Device, task: Task, config: TrainingConfig, step: number, learned: Float32Array) {
    const { parameters: length } = task.flat;
    this.task = task;
    this.#device = device;
    this.config = config;
    this.name = task.network.name;
    this.step = step;
    this.#vectors = vectorsOf(device, task);
    this.#vectors.parameters.write(learned.subarray(0, length));
    if (learned.length > length) this.#vectors.state.write(learned.subarray(length));
    this.#fitted = new FittedModel(device, task.flat.learned, this.#vectors.parameters, this.#vectors.state);
  }

  /** Values of a row that comes in, and of one that comes out. */
  get sizes(): { readonly features: number; readonly outputs: number } {
    const { features, outputs } = this.task.flat.learned;
    return { features, outputs };
  }

  /** The output for any number of rows, `[n, features]` to `[n, outputs]`: of a classifier the logits. */
  async predict(rows: Float32Array | Split): Promise<Float32Array> {
    const { columns } = this.config;
    if (rows instanceof Float32Array) return this.#fitted.predict(columns ? toDeviations(rows, columns) : rows);
    const split = this.#scaled(rows);
    const made = new Float32Array(split.count * this.sizes.outputs);
    for (let first = 0; first < split.count; first += PREDICTED_AT_ONCE) {
      const part = sliceSplit(split, first, Math.min(split.count, first + PREDICTED_AT_ONCE));
      const values = Float32Array.from(part.images, (value) => value * part.scale);
      made.set(await this.#fitted.predict(values), first * this.sizes.outputs);
    }
    return made;
  }

  /** The loss and its terms over a split that has the targets, and the share of right classes. */
  async evaluate(split: Split): Promise<ModelMetrics> {
    const given = checkedSplit(splitWithTargets(this.#scaled(split), this.task, "the data"), this.task);
    using evaluation = await ModelEvaluation.open(this.#device, this.task.flat.learned, given, this.#vectors);
    return await evaluation.run();
  }

  /** Parameters and statistics by name, as `writeSafetensors` takes them. */
  tensors(): Promise<NamedTensor[]> {
    return this.#fitted.tensors();
  }

  /** Frees the device memory of the model; the device stays. */
  destroy(): void {
    this.#fitted[Symbol.dispose]();
  }

  /** As `destroy`, at the end of a block that begins with `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  #scaled(split: Split): Split {
    const { features } = this.sizes;
    if (split.features !== features) {
      throw new UsageError(
        `${this.name} takes rows of ${features} values; those of the data have ${split.features}: give the data it was trained on`,
      );
    }
    const { columns } = this.config;
    return columns ? standardise(split, columns) : split;
  }
}
