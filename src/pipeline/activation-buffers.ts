/**
 * The memory through which neighbouring stages hand on activations and gradients. These do not travel in messages, which
 * pass through a hub process and are copied on every leg; they lie here, and a message says that they are there.
 *
 * A stage holds at most so many micro-batches at a time (`inFlight`), and those follow one another: so that many places a
 * boundary, taken in turns, are enough, and a place is written again only when what lay there has come back. Each place
 * has one writer: forward the stage before the boundary, backward the one after it.
 *
 * Beside it there is room for vectors that a learner is given elsewhere than in the tensor store.
 */

import type { MapMemory } from "../tensors/tensor-store.js";
import { PAGE } from "../transport/process/page.js";
import { inFlight, type PassOf } from "./schedule.js";

export interface ActivationShape {
  /** Most elements that cross each boundary with one micro-batch, in each direction. */
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], number>>[];
  /** Vectors of the flat length beside them. */
  readonly vectors: number;
  readonly length: number;
}

/** A piece of the memory. */
interface Piece {
  /** Bytes. */
  readonly offset: number;
  /** Elements. */
  readonly length: number;
}

export class ActivationBuffers {
  readonly #plan: Plan;
  readonly #map: MapMemory;
  readonly #views = new Map<Piece, Float32Array>();

  /** @param map of memory of `ActivationBuffers.bytes(shape)` */
  constructor(shape: ActivationShape, map: MapMemory) {
    this.#plan = plan(shape);
    this.#map = map;
  }

  static bytes(shape: ActivationShape): number {
    return plan(shape).bytes;
  }

  /** Where a micro-batch crosses from stage `boundary` to the next, or what comes back of it. */
  crossing(boundary: number, { pass, microBatch }: PassOf): Float32Array {
    const places = this.#plan.boundaries[boundary][pass];
    return this.#view(places[microBatch % places.length]);
  }

  /** The same array whenever it is asked for. */
  vector(index: number): Float32Array {
    return this.#view(this.#plan.vectors[index]);
  }

  #view(piece: Piece): Float32Array {
    const known = this.#views.get(piece);
    if (known) return known;
    const view = new Float32Array(this.#map(piece.offset, 4 * piece.length), 0, piece.length);
    this.#views.set(piece, view);
    return view;
  }
}

interface Plan {
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], readonly Piece[]>>[];
  readonly vectors: readonly Piece[];
  readonly bytes: number;
}

/** Every piece begins on a page, for it is mapped by itself. */
function plan({ boundaries, vectors, length }: ActivationShape): Plan {
  let end = 0;
  const pieces = (count: number, elements: number): Piece[] =>
    Array.from({ length: count }, () => {
      const offset = end;
      end += Math.ceil((4 * elements) / PAGE) * PAGE;
      return { offset, length: elements };
    });
  const crossings = boundaries.map(({ forward, backward }, boundary) => {
    const places = inFlight(boundaries.length + 1, boundary);
    return { forward: pieces(places, forward), backward: pieces(places, backward) };
  });
  return { boundaries: crossings, vectors: pieces(vectors, length), bytes: end };
}
