/** What is learned, independent of the number of replicas. An autoencoder is a workload. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Tensor } from "../model/layout.js";
import type { Program } from "../program/program.js";
import type { Learner, StepLearner } from "./learner.js";

export interface Workload {
  /** Elements of a flat vector. */
  readonly length: number;
  /** Elements of the statistics of a learner. Default: none. */
  readonly statistics?: number;
  /** Names of the vectors of a learner's state: `parameters` first, then those that its optimizer keeps. */
  readonly state: readonly string[];
  /** The parameters with which a run begins, and after them the statistics. The optimizer's state begins as zeros. */
  initialParameters(): Float32Array;
  /** Sets the gaps between the tensors of a flat vector to 0. No tensor has them, so a checkpoint does not store them. */
  clearGaps(vector: Float32Array): void;
  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner>;
}

/** A workload whose learners can make rounds of one step each, without copies. */
export interface StepWorkload extends Workload {
  /** The tensors of a flat vector. */
  readonly tensors: readonly Tensor[];
  /** Whether a gradient that is not finite is a failure. */
  readonly finite: boolean;
  /** The numbers of the state that are in no vector, as a run begins. */
  readonly scalars: readonly number[];
  /** @param most rows that one call of the learner reads */
  open(device: Device, dataset: Pick<Dataset, "train" | "test">, most?: number): Promise<StepLearner>;
  /** For tuning: the program of a gradient over `rows` rows. The data set has one row in it. */
  gradientProgram(rows: number): Program;
}
