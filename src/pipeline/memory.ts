/** The shared memory of a pipeline, and names for the vectors in it that messages can carry. */
import type { TensorStore } from "../tensors/tensor-store.js";
import type { ActivationBuffers } from "./activation-buffers.js";

/** A vector that all nodes see. */
export interface VectorLocation {
  readonly memory: "tensors" | "activations";
  readonly index: number;
}

export class PipelineMemory {
  readonly #tensors: TensorStore;
  readonly activations: ActivationBuffers;

  constructor(tensors: TensorStore, activations: ActivationBuffers) {
    this.#tensors = tensors;
    this.activations = activations;
  }

  /** Where a vector lies, if others see it. */
  placeOf(vector: Float32Array): VectorLocation | undefined {
    const index = this.#tensors.indexOf(vector);
    return index === undefined ? undefined : { memory: "tensors", index };
  }

  vector({ memory, index }: VectorLocation): Float32Array {
    return memory === "tensors" ? this.#tensors.slot(index) : this.activations.vector(index);
  }
}
