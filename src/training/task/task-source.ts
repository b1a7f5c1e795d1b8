/** The rows of a task on a device, and their targets: both whole, or both gathered by the host for each call. */
import type { Split } from "../../data/dataset.js";
import { targetsOf } from "../../data/dataset.js";
import type { Bindings, Device } from "../../device/device.js";
import { DawnpourError } from "../../error.js";
import type { ModelSource } from "../../model/model-ops.js";
import { type BatchSource, isResident, openBatchSource } from "../batch-source.js";
import type { Task } from "./task.js";

export class TaskSource {
  readonly source: ModelSource;
  /** For the programs of the task. */
  readonly buffers: Bindings;
  readonly #rows: BatchSource;
  readonly #targets: BatchSource | undefined;

  /** @param most rows of one call of `stage` */
  static open(device: Device, { target }: Pick<Task, "target">, split: Split, most: number): TaskSource {
    const rows = openBatchSource(device, split, most);
    try {
      if (target === "input") return new TaskSource(target, rows);
      const { targets } = split;
      if (!targets) throw new DawnpourError("the rows of a task come without the targets that it learns");
      const beside = { ...split, images: targets, features: targetsOf(split), scale: 1 };
      return new TaskSource(target, rows, openBatchSource(device, beside, most, isResident(device, split)));
    } catch (error) {
      rows.destroy();
      throw error;
    }
  }

  private constructor(target: Task["target"], rows: BatchSource, targets?: BatchSource) {
    this.#rows = rows;
    this.#targets = targets;
    this.source = { ...rows.source, target: targets ? "own" : "input", classes: target === "labels" };
    this.buffers = { source: rows.buffer, ...(targets && { targets: targets.buffer }) };
  }

  /** Makes rows of the split available; returns the row numbers that programs have to use for them. */
  stage(rows: Uint32Array): Uint32Array {
    this.#targets?.stage(rows);
    return this.#rows.stage(rows);
  }

  destroy(): void {
    this.#targets?.destroy();
    this.#rows.destroy();
  }
}
