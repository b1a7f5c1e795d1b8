/** A piece of the global state. A server has one; a replay has all. */

import type { Collective } from "../collective/collective.js";
import { UsageError } from "../error.js";
import type { Reduction } from "../strategies/rounds/reduction.js";
import type { StateVectors } from "../workload/learner.js";
import type { ServedRounds } from "./served-rounds.js";

/** Where an update stands in the run. */
interface UpdateAt {
  /** Training step of the contribution: learning rates follow it. */
  readonly step: number;
  /** Updates of the piece before this one: a server makes one for each contribution, so these are more than the steps. */
  readonly updates: number;
}

/** A step of the run's optimizer on a piece of the state, in place. */
export type UpdatePiece = (state: StateVectors, gradient: Float32Array, at: UpdateAt) => Promise<void>;

/** A piece as it is saved. */
export interface PieceState {
  /** In the order of the strategy's global state. */
  readonly vectors: readonly Float32Array[];
  /** Steps of the run's optimizer that led to it. */
  readonly updates: number;
}

export class HeldPiece {
  readonly #rounds: ServedRounds;
  readonly #update: UpdatePiece;
  readonly #state: StateVectors;
  #updates: number;

  /** The piece copies the vectors. */
  constructor(rounds: ServedRounds, { vectors, updates }: PieceState, update: UpdatePiece) {
    this.#rounds = rounds;
    this.#update = update;
    this.#updates = updates;
    this.#state = Object.fromEntries(rounds.strategy.global.map(({ name }, i) => [name, vectors[i].slice()]));
  }

  /** A copy. */
  get saved(): PieceState {
    return { vectors: Object.values(this.#state).map((vector) => vector.slice()), updates: this.#updates };
  }

  /** A copy of the parameters. */
  get parameters(): Float32Array {
    return this.#state.parameters.slice();
  }

  /** Applies the contribution of one part to the state. */
  apply(part: number, round: number, contribution: Float32Array): Promise<void> {
    return this.#aggregate(round, this.#updates, soleReduction(part, contribution));
  }

  /** Applies the contributions of all parts, in their order. A step of the optimizer is then one of the run. */
  async applyAll(round: number, contributions: readonly Float32Array[], collective: Collective): Promise<void> {
    const sum = new Float32Array(contributions[0].length);
    await collective.sum(contributions, sum);
    await this.#aggregate(round, this.#rounds.stepAt(round), wholeReduction(contributions, sum));
  }

  #aggregate(round: number, updates: number, reduce: Reduction): Promise<void> {
    const { strategy } = this.#rounds;
    const step = this.#rounds.stepAt(round);
    const update = (gradient: Float32Array): Promise<void> => {
      this.#updates = updates + 1;
      return this.#update(this.#state, gradient, { step, updates });
    };
    return strategy.aggregate({ round, phase: 0, step, state: this.#state, update }, reduce);
  }
}

function wholeProduct(): never {
  throw new UsageError("it asked for a product of whole vectors: a parameter server has a piece of each");
}

/** The reduction of the contributions of all parts, of which a server has a piece. */
const wholeReduction = (contributions: readonly Float32Array[], sum: Float32Array): Reduction => ({
  parts: contributions.map((_, part) => part),
  weight: contributions.length,
  sum: async () => sum,
  each: async (part) => contributions[part].slice(),
  dot: wholeProduct,
  norm: wholeProduct,
});

/** The reduction of a single contribution. A server has only a piece of each vector, so products of whole vectors are refused. */
function soleReduction(part: number, contribution: Float32Array): Reduction {
  return {
    parts: [part],
    weight: 1,
    sum: async () => contribution.slice(),
    each: async (one) => {
      if (one === part) return contribution.slice();
      throw new UsageError(`it asked for the contribution of part ${one}: a parameter server has that of part ${part}`);
    },
    dot: wholeProduct,
    norm: wholeProduct,
  };
}
