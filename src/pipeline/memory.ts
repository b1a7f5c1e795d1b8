/** The shared memory of a pipeline, and locations of vectors in it that messages can carry. */
import type { TensorStore } from "../tensors/tensor-store.js";
import type { ActivationBuffers } from "./activation-buffers.js";

/** A vector in memory that all nodes share. */
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

  /** The location of a vector, if it is in shared memory. */
  placeOf(vector: Float32Array): VectorLocation | undefined {
    const index = this.#tensors.indexOf(vector);
    return index === undefined ? undefined : { memory: "tensors", index };
  }

  vector({ memory, index }: VectorLocation): Float32Array {
    return memory === "tensors" ? this.#tensors.slot(index) : this.activations.vector(index);
  }
}
