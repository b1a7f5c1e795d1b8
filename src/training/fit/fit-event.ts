/** What callbacks of `fit` are told, and what they can do. */

import type { ModelVectors } from "./fitted-model.js";
import type { ModelMetrics } from "./model-evaluation.js";

/** The end of an epoch. */
export interface FitEpoch {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps so far, and of the whole run. */
  readonly step: number;
  readonly steps: number;
  /** The learning rate of the last step. */
  readonly learningRate: number;
  /** The loss and its terms, means over the steps of the epoch. */
  readonly train: ModelMetrics;
  readonly validation?: ModelMetrics;
}

/** The end of an epoch, and what a callback can do. */
export interface FitEvent extends FitEpoch {
  /** This epoch is the last. */
  stop(): void;
  /** Multiplies the learning rate from now on. */
  scaleRate(factor: number): void;
  /** Copies of the parameters and the state as they are now. */
  vectors(): Promise<ModelVectors>;
}
