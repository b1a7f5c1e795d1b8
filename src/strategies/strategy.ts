/**
 * What a way to train on many devices decides: what is exchanged, when, how it is combined and what becomes of it.
 * Coordinator and worker know rounds, parts and vectors, and nothing of what they mean. A strategy is one file in
 * `strategies/`.
 *
 *     round r:  a learner in state r contributes part p, for each p of `parts`, each on some worker
 *               the parts are combined in a fixed order
 *               every learner applies the result and is in state r + 1
 *
 * A part is a pure function of (state, round, part): any worker may compute it, again and again. That, and the fixed
 * order, is why a result does not depend on how many workers there are, or on which of them fail.
 */

import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Evaluation } from "../training/evaluate.js";

export interface Strategy {
  /** Parts of every round. */
  readonly parts: number;
  /** Training steps that one round makes. */
  readonly stepsPerRound: number;
  /** Vectors of a learner's state, all of one length, in the order of `Learner.save`. */
  readonly vectors: number;
  /** Elements of a vector, of the state and of a part. */
  readonly length: number;
  /** `out` = all parts, combined in an order that depends on nothing but their numbers; what each of them looked like. */
  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]>;
  /** Whether a part that is not finite is a failure of its worker, or may happen. */
  readonly finite: boolean;
  /** The state that a run begins with. */
  initialState(): LearnerState;
  /** A replica on a device; in state 0 when it is restored to the initial state. */
  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner>;
}

/** All that has to be kept of a learner, but for the number of its round. */
export interface LearnerState {
  readonly vectors: readonly Float32Array[];
  /** The little that is not a vector. */
  readonly scalars: readonly number[];
}

/** One replica: a model, its parameters and the optimizer's state, on one device. One call at a time. */
export interface Learner {
  /** Its state: the round whose parts it can contribute. */
  readonly round: number;
  /** Computes a part of `round` into `out`; resolves with its share of the loss when it is there. */
  contribute(part: number, out: Float32Array): Promise<number>;
  /**
   * As `contribute`, but resolves when that is enqueued, with the buffer that will have the share of the loss. Is asked of
   * learners on a device that computes in the memory of this process. Default: there is only `contribute`.
   */
  enqueue?(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">>;
  /**
   * Goes on to the next round by the combined parts of this one. `combined` must stay as it is until `settled`, or until the
   * next part was contributed; what changes it in the order of the device may be enqueued at once.
   */
  apply(combined: Float32Array): Promise<void>;
  /**
   * Where rounds have one part: goes through the next ones by itself, `count` at most, as `contribute` and `apply` would.
   * Resolves with their losses. It stops before a round that is not finite, if that is a failure. Default: one at a time.
   */
  lead?(count: number): Promise<readonly number[]>;
  /** Resolves when nothing of what was applied is still to be done. */
  settled(): Promise<void>;
  /** Copies the state into `vectors`; returns the scalars. */
  save(vectors: readonly Float32Array[]): Promise<number[]>;
  restore(round: number, state: LearnerState): void;
  /** The error over the test images, and over some of the training images where that is at hand. */
  evaluate(): Promise<Evaluation>;
  destroy(): void;
}
