/**
 * The memory through which neighbouring stages hand on activations and gradients. These do not travel in messages, which
 * pass through a hub process and are copied on every leg; they lie here, and a message says that they are there.
 *
 * A stage holds at most so many micro-batches at a time (`inFlight`), and those follow one another: so that many places a
 * boundary, taken in turns, are enough, and a place is written again only when what lay there has come back. Each place
 * has one writer: forward the stage before the boundary, backward the one after it.
 *
 * Beside it there is room for vectors that a learner is given elsewhere than in the arena.
 */
import { DawnpourError } from "../../error.js";
import { inFlight, type PassOf } from "./schedule.js";

export interface RelayShape {
  /** Most elements that cross each boundary with one micro-batch, in each direction. */
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], number>>[];
  /** Vectors of the flat length beside them. */
  readonly vectors: number;
  readonly length: number;
}

/** A piece of the memory, in elements. */
interface Piece {
  readonly start: number;
  readonly length: number;
}

/** Pieces begin on a cache line. */
const ALIGNMENT = 16;

export class Relay {
  readonly #plan: Plan;
  readonly #memory: ArrayBuffer;

  /** @param memory at least `Relay.bytes(shape)` */
  constructor(shape: RelayShape, memory: ArrayBuffer) {
    const needed = Relay.bytes(shape);
    if (memory.byteLength < needed) {
      throw new DawnpourError(`relay: ${needed} bytes are needed, the memory has ${memory.byteLength}`);
    }
    this.#plan = plan(shape);
    this.#memory = memory;
  }

  static bytes(shape: RelayShape): number {
    return 4 * plan(shape).length;
  }

  /** Where a micro-batch crosses from stage `boundary` to the next, or what comes back of it. */
  crossing(boundary: number, { pass, microBatch }: PassOf): Float32Array {
    const places = this.#plan.boundaries[boundary][pass];
    return this.#view(places[microBatch % places.length]);
  }

  vector(index: number): Float32Array {
    return this.#view(this.#plan.vectors[index]);
  }

  #view({ start, length }: Piece): Float32Array {
    return new Float32Array(this.#memory, 4 * start, length);
  }
}

interface Plan {
  readonly boundaries: readonly Readonly<Record<PassOf["pass"], readonly Piece[]>>[];
  readonly vectors: readonly Piece[];
  readonly length: number;
}

function plan({ boundaries, vectors, length }: RelayShape): Plan {
  let end = 0;
  const pieces = (count: number, size: number): Piece[] =>
    Array.from({ length: count }, () => {
      const start = end;
      end += Math.ceil(size / ALIGNMENT) * ALIGNMENT;
      return { start, length: size };
    });
  const crossings = boundaries.map(({ forward, backward }, boundary) => {
    const places = inFlight(boundaries.length + 1, boundary);
    return { forward: pieces(places, forward), backward: pieces(places, backward) };
  });
  return { boundaries: crossings, vectors: pieces(vectors, length), length: end };
}
