/** What is learned, apart from how many learn it together: an autoencoder is one. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Learner } from "./learner.js";

export interface Workload {
  /** Elements of a flat vector. */
  readonly length: number;
  /** Names of the vectors of a learner's state: `parameters` first, then those that its optimizer keeps. */
  readonly state: readonly string[];
  /** The parameters that a run begins with. What the optimizer keeps begins as zeros. */
  initialParameters(): Float32Array;
  /** Sets what lies between the tensors of a flat vector to 0: no tensor has it, so a checkpoint does not keep it. */
  clearGaps(vector: Float32Array): void;
  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner>;
}
