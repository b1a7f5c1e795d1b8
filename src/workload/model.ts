/** A model of layers and a loss, of the library or of a user, as a workload. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { flatGradient } from "../model/flat-model.js";
import type { Tensor } from "../model/layout.js";
import { chainState } from "../optimizer/chain-ops.js";
import type { Program } from "../program/program.js";
import { ModelLearner, type ModelLearnerOptions } from "./model-learner.js";
import type { StepWorkload } from "./workload.js";

export class ModelWorkload implements StepWorkload {
  readonly length: number;
  readonly statistics: number;
  readonly state: readonly string[];
  readonly tensors: readonly Tensor[];
  readonly finite = true;
  readonly scalars: readonly number[] = [];
  readonly #options: ModelLearnerOptions;

  constructor(options: ModelLearnerOptions) {
    const { flat, optimizer } = options.task;
    this.#options = options;
    this.length = flat.parameters;
    this.statistics = flat.statistics;
    this.tensors = flat.learned.layout.tensors;
    this.state = ["parameters", ...chainState(optimizer)];
  }

  initialParameters(): Float32Array {
    const { task, seed } = this.#options;
    return task.network.initialParameters(seed);
  }

  clearGaps(vector: Float32Array): void {
    const { learned, layout } = this.#options.task.flat;
    (vector.length === layout.length ? layout : learned.layout).clearGaps(vector);
  }

  open(device: Device, dataset: Pick<Dataset, "train" | "test">, most?: number): Promise<ModelLearner> {
    return ModelLearner.open(this.#options, device, dataset, most);
  }

  gradientProgram(rows: number): Program {
    const { task, batch, seed } = this.#options;
    const target = task.target === "input" ? "input" : "own";
    const source = { type: "u8", count: 1, scale: 1, target, classes: task.target === "labels" } as const;
    return flatGradient(task.flat, { source, batch, seed, rows });
  }
}
