/**
 * One life of a part: it computes contributions, clock after clock, from the parameters that the part has read and from its local
 * state. A life begins with the initial local state; the local state of an earlier life is lost. A worker and a replay of the run
 * compute the same bits.
 */
import { brief } from "../error.js";
import { StrategyError } from "../strategies/rounds/guarded.js";
import type { Learner, StateVectors } from "../workload/learner.js";
import { vectorOps } from "../workload/vector-ops.js";
import type { ServedRounds } from "./served-rounds.js";

interface Contribution {
  readonly out: Float32Array;
  /** Share of the loss. */
  readonly loss: number;
}

export class PartLife {
  readonly part: number;
  readonly life: number;
  readonly #rounds: ServedRounds;
  #clock: number;
  #parameters: Float32Array | undefined;
  #reads: readonly number[] = [];
  #local: StateVectors | undefined;
  /** The clock for which the part last read parameters. */
  #readFor = -1;

  /** @param clock the first one of this life */
  constructor(rounds: ServedRounds, { part, life }: { readonly part: number; readonly life: number }, clock: number) {
    this.#rounds = rounds;
    this.part = part;
    this.life = life;
    this.#clock = clock;
  }

  /** The clock that comes next. */
  get clock(): number {
    return this.#clock;
  }

  /** The version of each piece that the part last read. */
  get reads(): readonly number[] {
    return this.#reads;
  }

  /** Whether the part must read parameters before it can compute the next contribution. */
  get mustRead(): boolean {
    if (this.#readFor === this.#clock) return false;
    return this.#parameters === undefined || (this.#rounds.strategy.reads?.(this.#clock) ?? true);
  }

  /** Takes parameters. @param reads the version of each piece in them */
  read(parameters: Float32Array, reads: readonly number[]): void {
    this.#parameters = parameters;
    this.#reads = reads;
    this.#readFor = this.#clock;
  }

  /** Computes the contribution of the next clock, on a learner that other parts may use too. */
  async contribute(learner: Learner): Promise<Contribution> {
    const { strategy, length, workload } = this.#rounds;
    const { part } = this;
    const round = this.#clock;
    const global = { parameters: this.#held.slice() };
    this.#local ??= this.#initialLocal(global.parameters);
    const local = this.#local;
    const next = copied(local);
    const { rows, weight = 1 } = strategy.rows(round, part);
    const out = new Float32Array(length);
    learner.restore({ ...blank(learner, length), ...known(learner, { ...global, ...local }) });
    const step = this.#rounds.stepAt(round);
    learner.at?.(step, this.#rounds.placeOf(part));
    const context = { round, phase: 0, part, step, rows, global, latest: global, local: copied(local), next, out };
    const loss = await strategy.contribute(learner, context);
    if (typeof loss !== "number") {
      const must = "contribute must resolve with its share of the loss";
      throw new StrategyError(`strategy ${strategy.name}: ${must}, got ${brief(loss)}`);
    }
    if (weight !== 1) vectorOps.scale(weight, out);
    for (const vector of [out, ...Object.values(next)]) workload.clearGaps(vector);
    this.#local = next;
    this.#clock++;
    return { out, loss };
  }

  get #held(): Float32Array {
    if (this.#parameters) return this.#parameters;
    throw new StrategyError(`Invariant violation: part ${this.part} has read nothing`);
  }

  #initialLocal(parameters: Float32Array): StateVectors {
    const { strategy, length } = this.#rounds;
    const { local = [] } = strategy;
    return Object.fromEntries(
      local.map(({ name, initial }) => [
        name,
        initial === "parameters" ? parameters.slice() : new Float32Array(length),
      ]),
    );
  }
}

const copied = (state: StateVectors): StateVectors =>
  Object.fromEntries(Object.entries(state).map(([name, vector]) => [name, vector.slice()]));

/** Zeros for the learner's whole state, so that nothing of the part before remains in vectors that the strategy does not set. */
function blank({ state }: Learner, length: number): StateVectors {
  const zeros = new Float32Array(length);
  return Object.fromEntries(state.map((name) => [name, zeros]));
}

/** The vectors of `state` that are part of the learner's state. */
const known = ({ state: names }: Learner, state: StateVectors): StateVectors =>
  Object.fromEntries(Object.entries(state).filter(([name]) => names.includes(name)));
