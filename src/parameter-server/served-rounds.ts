/**
 * Rounds of a strategy with parameter servers that each own a piece of the global state. Parts go through their rounds independently,
 * or come together in each (`bulk-server.ts`). A round of the run is over when every part has done the clock of that number.
 *
 *     worker    part p, clock c: reads the pieces, computes a contribution, pushes its pieces
 *     server    applies each contribution to its piece when it comes
 */
import { partRange } from "../data/sampler.js";
import { isFree } from "../strategies/consistency.js";
import { BulkState } from "../strategies/rounds/bulk-state.js";
import { guarded } from "../strategies/rounds/guarded.js";
import type { Advance, ReplicaVectors, Rounds } from "../strategies/rounds/replica.js";
import { RoundStarts } from "../strategies/rounds/round-starts.js";
import type { Range, Strategy } from "../strategies/strategy.js";
import type { Workload } from "../workload/workload.js";
import type { PieceState } from "./held-piece.js";

export class ServedRounds implements Rounds {
  readonly parts: number;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  readonly workload: Workload;
  readonly strategy: Strategy;
  /** Whether all parts of a round come together: a server makes one step by all of them. */
  readonly isBulk: boolean;
  /** The range of a flat vector that each server owns. */
  readonly pieces: readonly Range[];
  readonly #state: BulkState;
  readonly #starts = new RoundStarts((round) => this.advance(round).steps);

  constructor(workload: Workload, strategy: Strategy, servers: number) {
    this.workload = workload;
    this.strategy = { ...guarded(strategy), consistency: strategy.consistency };
    this.isBulk = !isFree(strategy);
    this.#state = new BulkState({ ...strategy, local: [] });
    this.parts = strategy.parts;
    this.names = this.#state.names;
    this.vectors = this.names.length;
    this.length = workload.length;
    this.pieces = Array.from({ length: servers }, (_, piece) => {
      const { start, end } = partRange(workload.length, servers, piece);
      return { offset: start, length: end - start };
    });
  }

  advance(round: number): Advance {
    const { steps, samples } = this.strategy.advance(round);
    return { steps, images: samples };
  }

  stepAt(round: number): number {
    return this.#starts.stepAt(round);
  }

  /** The place of a part's first row in the whole batch of a step. */
  placeOf(part: number): number {
    const { steps, samples } = this.strategy.advance(0);
    return partRange(Math.max(this.parts, Math.floor(samples / steps)), this.parts, part).start;
  }

  initialState(parameters = this.workload.initialParameters()): ReplicaVectors {
    const vectors = this.#state.initial.map((initial) =>
      initial === "parameters" ? parameters.slice() : new Float32Array(this.length),
    );
    return { vectors, scalars: [] };
  }

  /**
   * What a server begins with, a copy. Each part led to one update a step, or all parts together to one.
   * @param initial whole vectors
   * @param step training steps before
   */
  initialPiece(initial: readonly Float32Array[], piece: number, step: number): PieceState {
    const vectors = initial.map((vector) => this.pieceOf(vector, piece).slice());
    return { vectors, updates: this.isBulk ? step : this.parts * step };
  }

  /** The elements of a flat vector that a server owns. */
  pieceOf(vector: Float32Array, piece: number): Float32Array {
    const { offset, length } = this.pieces[piece];
    return vector.subarray(offset, offset + length);
  }
}
