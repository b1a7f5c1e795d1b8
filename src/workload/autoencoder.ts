/** The autoencoder of a training configuration as a workload. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { TrainingConfig } from "../training/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import { AutoencoderLearner } from "./autoencoder-learner.js";
import type { Workload } from "./workload.js";

export interface AutoencoderOptions {
  readonly model: Autoencoder;
  readonly config: TrainingConfig;
  /** Steps of the whole run, for schedules that depend on it. */
  readonly steps: number;
}

export class AutoencoderWorkload implements Workload {
  readonly length: number;
  readonly state: readonly string[];
  readonly #options: AutoencoderOptions;

  constructor(options: AutoencoderOptions) {
    const { model, config } = options;
    this.#options = options;
    this.length = model.layout.length;
    this.state = ["parameters", ...stateBuffers(updateRule(optimizerFromConfig(config)))];
  }

  initialParameters(): Float32Array {
    const { model, config } = this.#options;
    return model.initialParameters(config.seed);
  }

  clearGaps(vector: Float32Array): void {
    this.#options.model.layout.clearGaps(vector);
  }

  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<AutoencoderLearner> {
    return AutoencoderLearner.open(this.#options, device, dataset);
  }
}
