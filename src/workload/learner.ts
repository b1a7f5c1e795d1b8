/**
 * One model on one device, with its optimizer, for the use of a strategy. It has nothing to do with other learners, parts or
 * rounds. The caller makes one call at a time; the calls take effect in order.
 */
import type { DeviceBuffer } from "../device/device.js";
import type { Evaluation } from "../training/evaluate.js";
import type { RowClipping } from "./clipped-rows.js";

/** Flat vectors by name: `parameters`, and those that the optimizer keeps. All are of one length. */
export type StateVectors = Readonly<Record<string, Float32Array>>;

/** Arithmetic on flat vectors in the memory of this process, in f32, with the same bits on every machine. */
export interface VectorOps {
  /** y = y + a x */
  axpy(a: number, x: Float32Array, y: Float32Array): void;
  /** x = a x */
  scale(a: number, x: Float32Array): void;
  /** Copies all elements. */
  copy(from: Float32Array, to: Float32Array): void;
  /** The sum over i of x[i] y[i], in float64, in the order of i. */
  dot(x: Float32Array, y: Float32Array): number;
}

/** A vector that steps change and that has no gradient, such as running averages. Parts are combined by the mean. */
export interface Statistics {
  readonly length: number;
  /** Writes them to `out`. */
  save(out: Float32Array): Promise<void>;
  /** Sets them. */
  restore(values: Float32Array): void;
}

/** A model and its optimizer on one device. */
export interface Learner {
  /** Elements of a flat vector. */
  readonly length: number;
  /** Names of the vectors of its state, `parameters` first. */
  readonly state: readonly string[];
  /**
   * Writes the gradient of the loss over `rows` to `out`, as a share of the batch: the gradients of the shares of a batch add
   * up to that of the batch. Resolves with the share of the loss.
   */
  gradient(rows: Uint32Array, out: Float32Array): Promise<number>;
  /**
   * Writes the sum of the gradients of `rows` to `out`, each that of the row's own loss and shortened to `clip` where it is longer.
   * Resolves with the sum of the losses, nearly. Optional: a learner without it has no gradients of single rows.
   */
  clippedGradient?(rows: Uint32Array, clipping: RowClipping, out: Float32Array): Promise<number>;
  /** The share of the loss over `rows`, at the parameters as they are. */
  loss(rows: Uint32Array): Promise<number>;
  /**
   * `count` steps of its own optimizer, on as many batches of one size: `rows` has them one after the other. The learning
   * rate is that of the steps `first`, `first` + 1, ... Resolves with the mean loss of an image over all of them.
   */
  steps(count: number, rows: Uint32Array, first: number): Promise<number>;
  /** One step of its own optimizer by a gradient of the whole batch, at the learning rate of `step`. */
  update(gradient: Float32Array, step: number): Promise<void>;
  readonly vectors: VectorOps;
  /** Statistics beside the flat vectors. `BulkReplica` combines them: a strategy has nothing to do with them. Default: none. */
  readonly statistics?: Statistics | undefined;
  /**
   * Where the next calls are in the run: at a step, from a place in its whole batch. Noise depends on that alone. An
   * update leads to the next step. Optional: a learner without it has no noise.
   */
  at?(step: number, row: number): void;
  /** Copies those vectors of its state that have these names to `out`. */
  save(out: StateVectors): Promise<void>;
  /** Sets the vectors of its state that are given. The others stay. */
  restore(state: StateVectors): void;
  /** The error over the test images, and over some of the training images where the learner has them. */
  evaluate(): Promise<Evaluation>;
  /** Frees the memory of the learner; the device stays. */
  destroy(): void;
}

/**
 * A learner for rounds of one step each, on whole vectors: `parameters` ends with the statistics, a gradient with its share of the next
 * statistics.
 */
export interface StepLearner extends Learner {
  /** As `gradient`, without a copy: `out` is a slot of the tensor store. */
  gradientInPlace(rows: Uint32Array, out: Float32Array): Promise<number>;
  /** The same, but resolves when it is enqueued. Only where the device computes in the memory of this process. */
  enqueueGradient(rows: Uint32Array, out: Float32Array): Promise<DeviceBuffer<"f32">>;
  /** As `update`, without a copy: `gradient` is a slot of the tensor store, and stays as it is until the update is done. */
  updateInPlace(gradient: Float32Array, step: number): Promise<void>;
  /** The next whole steps by itself. Resolves with their losses. Optional: a learner without it makes one step at a time. */
  runLeased?(first: number, count: number): Promise<Float32Array>;
  /** Resolves when all that was enqueued is done. */
  idle(): Promise<void>;
  /** The numbers of its state that are in no flat vector. */
  saveScalars(): Promise<number[]>;
  restoreScalars(scalars: readonly number[]): void;
}
