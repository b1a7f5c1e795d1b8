/**
 * The shared memory of a run: made by the main process, inherited by all others, and freed with the last of them. The
 * tensor store comes first, then the data set, the barrier and, in a pipeline, the activation buffers.
 */

import { NativeBarrier } from "../collective/native-barrier.js";
import type { Dataset } from "../data/dataset.js";
import type { Rounds } from "../strategies/rounds/replica.js";
import { share } from "../tensors/shared-dataset.js";
import { TensorStore } from "../tensors/tensor-store.js";
import { createSharedMemory, type SharedMemory } from "../transport/process/shared-memory.js";
import { activationBytes, type RunTask, shapeOf } from "./task.js";

/** The order in which processes inherit it. */
export const [TENSOR_MEMORY, DATASET_MEMORY, BARRIER_MEMORY, ACTIVATION_MEMORY] = [0, 1, 2, 3];

export class RunMemory {
  readonly tensors: TensorStore;
  readonly #all: SharedMemory[] = [];

  /**
   * Makes the memory and copies the data set to it. @throws DawnpourError when the system refuses it; then nothing of
   * it remains
   */
  constructor(task: RunTask, strategy: Rounds, dataset: Dataset) {
    const shape = shapeOf(task, strategy);
    try {
      const tensors = this.#create(TensorStore.bytes(shape));
      this.tensors = new TensorStore(shape, (offset, bytes) => tensors.map(offset, bytes));
      share(dataset, task.dataset, this.#create(task.dataset.bytes).buffer);
      this.#create(NativeBarrier.bytes(task.workers));
      if (task.pipeline) this.#create(activationBytes(task));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** In the order in which processes inherit it. */
  get all(): readonly SharedMemory[] {
    return this.#all;
  }

  /** No process started later inherits it. */
  close(): void {
    for (const memory of this.#all) memory.close();
  }

  #create(bytes: number): SharedMemory {
    const memory = createSharedMemory(bytes);
    this.#all.push(memory);
    return memory;
  }
}
