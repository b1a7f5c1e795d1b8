/**
 * Shared memory through which neighbouring stages pass activations and gradients. Messages go through the main process
 * and are copied on each leg; so tensors lie here, and a message says that a tensor is ready.
 *
 * A stage holds at most `inFlight` micro-batches, and they follow one another. So each boundary has that many slots,
 * used in turns: a slot is written again only when the micro-batch in it has come back. Each slot has one writer: the
 * stage before the boundary in the forward pass, the stage after it in the backward pass.
 *
 * The memory also holds vectors that a learner is given outside the tensor store.
 */

import type { MapMemory } from "../tensors/tensor-store.js";
import { PAGE } from "../transport/process/memory-page.js";
import { inFlight, type PassOf } from "./pass-schedule.js";

export interface ActivationShape {
  /** Most elements that cross each boundary with one micro-batch, in each direction. */
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], number>>[];
  /** Vectors of the flat length besides. */
  readonly vectors: number;
  readonly length: number;
}

/** A range of the memory. */
interface Range {
  /** Bytes. */
  readonly offset: number;
  /** Elements. */
  readonly length: number;
}

export class ActivationBuffers {
  readonly #plan: Plan;
  readonly #map: MapMemory;
  readonly #views = new Map<Range, Float32Array>();

  /** @param map maps memory of `ActivationBuffers.bytes(shape)` */
  constructor(shape: ActivationShape, map: MapMemory) {
    this.#plan = plan(shape);
    this.#map = map;
  }

  static bytes(shape: ActivationShape): number {
    return plan(shape).bytes;
  }

  /** Slot of a micro-batch between stage `boundary` and the next, in the direction of `pass`. */
  crossing(boundary: number, { pass, microBatch }: PassOf): Float32Array {
    const places = this.#plan.boundaries[boundary][pass];
    return this.#view(places[microBatch % places.length]);
  }

  /** A vector of the flat length: the same array on every call. */
  vector(index: number): Float32Array {
    return this.#view(this.#plan.vectors[index]);
  }

  #view(range: Range): Float32Array {
    const known = this.#views.get(range);
    if (known) return known;
    const view = new Float32Array(this.#map(range.offset, 4 * range.length), 0, range.length);
    this.#views.set(range, view);
    return view;
  }
}

interface Plan {
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], readonly Range[]>>[];
  readonly vectors: readonly Range[];
  readonly bytes: number;
}

/** Every range begins on a page, because each is mapped by itself. */
function plan({ boundaries, vectors, length }: ActivationShape): Plan {
  let end = 0;
  const ranges = (count: number, elements: number): Range[] =>
    Array.from({ length: count }, () => {
      const offset = end;
      end += Math.ceil((4 * elements) / PAGE) * PAGE;
      return { offset, length: elements };
    });
  const crossings = boundaries.map(({ forward, backward }, boundary) => {
    const places = inFlight(boundaries.length + 1, boundary);
    return { forward: ranges(places, forward), backward: ranges(places, backward) };
  });
  return { boundaries: crossings, vectors: ranges(vectors, length), bytes: end };
}
