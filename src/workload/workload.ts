/** What is learned, independent of the number of replicas. An autoencoder is a workload. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Learner } from "./learner.js";

export interface Workload {
  /** Elements of a flat vector. */
  readonly length: number;
  /** Names of the vectors of a learner's state: `parameters` first, then those that its optimizer keeps. */
  readonly state: readonly string[];
  /** The parameters with which a run begins. The optimizer's state begins as zeros. */
  initialParameters(): Float32Array;
  /** Sets the gaps between the tensors of a flat vector to 0. No tensor has them, so a checkpoint does not store them. */
  clearGaps(vector: Float32Array): void;
  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner>;
}
