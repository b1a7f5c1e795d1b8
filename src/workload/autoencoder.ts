/** The autoencoder of a training configuration as a workload. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { Tensor } from "../model/layout.js";
import { stateBuffers } from "../model/lower.js";
import { gradientProgram } from "../model/part-programs.js";
import { updateRule } from "../optimizer/optimizer.js";
import { FIRST_LOSS_SCALE } from "../program/op.js";
import type { Program } from "../program/program.js";
import type { TrainingConfig } from "../training/config/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import { AutoencoderLearner } from "./autoencoder-learner.js";
import type { StepWorkload } from "./workload.js";

export interface AutoencoderOptions {
  readonly model: Autoencoder;
  readonly config: TrainingConfig;
  /** Steps of the whole run, for schedules that depend on it. */
  readonly steps: number;
}

export class AutoencoderWorkload implements StepWorkload {
  readonly length: number;
  readonly state: readonly string[];
  readonly tensors: readonly Tensor[];
  /** False in mixed precision: there a gradient may overflow, and the loss scale then falls. */
  readonly finite: boolean;
  readonly scalars: readonly number[];
  readonly #options: AutoencoderOptions;

  constructor(options: AutoencoderOptions) {
    const { model, config } = options;
    this.#options = options;
    this.length = model.layout.length;
    this.tensors = model.layout.tensors;
    this.finite = config.precision !== "f16";
    this.scalars = this.finite ? [] : FIRST_LOSS_SCALE;
    this.state = ["parameters", ...stateBuffers(updateRule(optimizerFromConfig(config)))];
  }

  initialParameters(): Float32Array {
    const { model, config } = this.#options;
    return model.initialParameters(config.seed);
  }

  clearGaps(vector: Float32Array): void {
    this.#options.model.layout.clearGaps(vector);
  }

  open(device: Device, dataset: Pick<Dataset, "train" | "test">, most?: number): Promise<AutoencoderLearner> {
    return AutoencoderLearner.open(this.#options, device, dataset, most);
  }

  gradientProgram(rows: number): Program {
    const { model, config } = this.#options;
    return gradientProgram(model, { ...config, source: { type: "u8", count: 1, scale: 1 }, rows });
  }
}
