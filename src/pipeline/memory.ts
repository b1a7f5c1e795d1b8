/** The shared memory of a pipeline, and names for the vectors in it that messages can carry. */
import type { Arena } from "../tensors/tensor-store.js";
import type { Relay } from "./activation-buffers.js";

/** A vector that all nodes see. */
export interface Place {
  readonly memory: "arena" | "relay";
  readonly index: number;
}

export class PipelineMemory {
  readonly #arena: Arena;
  readonly relay: Relay;

  constructor(arena: Arena, relay: Relay) {
    this.#arena = arena;
    this.relay = relay;
  }

  /** Where a vector lies, if others see it. */
  placeOf(vector: Float32Array): Place | undefined {
    const index = this.#arena.indexOf(vector);
    return index === undefined ? undefined : { memory: "arena", index };
  }

  vector({ memory, index }: Place): Float32Array {
    return memory === "arena" ? this.#arena.slot(index) : this.relay.vector(index);
  }
}
