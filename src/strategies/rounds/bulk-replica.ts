/** A replica of a strategy's global state. Its learner computes any part, after it is given the state of that part. */
import { brief, UsageError } from "../../error.js";
import type { Learner, StateVectors } from "../../workload/learner.js";
import { vectorOps } from "../../workload/vector-ops.js";
import { delayOf } from "../consistency.js";
import type { Strategy } from "../strategy.js";
import type { BulkRounds } from "./bulk-rounds.js";
import type { BulkState } from "./bulk-state.js";
import { StrategyError } from "./guarded.js";
import type { Reduction } from "./reduction.js";
import type { LocalState, Replica, ReplicaVectors } from "./replica.js";

export class BulkReplica implements Replica {
  readonly #rounds: BulkRounds;
  readonly #strategy: Strategy;
  readonly #state: BulkState;
  readonly #learner: Learner;
  /** The vectors of the newest global state, then those of the earlier states that are kept. */
  readonly #vectors: Float32Array[];
  /** Zeros for the learner's vectors that the strategy does not give: nothing of the learner's earlier work may remain in them. */
  readonly #blank: StateVectors;
  #round = 0;

  constructor(rounds: BulkRounds, strategy: Strategy, state: BulkState, learner: Learner) {
    this.#rounds = rounds;
    this.#strategy = strategy;
    this.#state = state;
    this.#learner = learner;
    const zeros = rounds.bare(new Float32Array(rounds.length));
    this.#blank = Object.fromEntries(learner.state.map((name) => [name, zeros]));
    const count = state.width * (1 + state.earlier);
    this.#vectors = Array.from({ length: count }, () => new Float32Array(rounds.length));
  }

  get round(): number {
    return this.#round;
  }

  async contribute(part: number, out: Float32Array, local: LocalState = NO_STATE): Promise<number> {
    const { round, phase } = this.#moment;
    const { rows, weight = 1 } = this.#strategy.rows(round, part);
    const delay = delayOf(this.#strategy);
    const before = delay > 0 && phase > 0 ? delay + 1 : delay;
    const global = copied(this.#global(before));
    const now = this.#local(local.now.map((vector) => vector.slice()));
    const next = this.#local(local.next);
    for (const [name, vector] of Object.entries(next)) vector.set(now[name]);
    out.fill(0);
    this.#learner.restore({ ...this.#blank, ...this.#known({ ...global, ...now }) });
    this.#restoreStatistics(before);
    this.#learner.at?.(this.#moment.step, this.#rounds.placeOf(part));
    const latest = before > 0 ? copied(this.#global()) : global;
    const contribution = this.#rounds.bare(out);
    const context = { ...this.#moment, part, rows, global, latest, local: now, next, out: contribution };
    const loss = await this.#strategy.contribute(this.#learner, context);
    if (typeof loss !== "number") {
      throw new StrategyError(
        `strategy ${this.#strategy.name}: contribute must resolve with its share of the loss, got ${brief(loss)}`,
      );
    }
    this.#rounds.clearGaps(local.next);
    if (weight !== 1) vectorOps.scale(weight, contribution);
    await this.#contributeStatistics(part, out.subarray(contribution.length));
    return loss;
  }

  async apply(
    combined: Float32Array,
    each?: (part: number) => Float32Array,
    arrived?: readonly number[],
  ): Promise<void> {
    const { phase } = this.#moment;
    if (phase === 0) this.#remember();
    const state = this.#global();
    const update = (gradient: Float32Array): Promise<void> => this.#update(state, gradient);
    await this.#strategy.aggregate(
      { ...this.#moment, state, update },
      this.#reduction(this.#rounds.bare(combined), each, arrived),
    );
    this.#rounds.clearGaps(Object.values(state));
    this.#statistics().set(combined.subarray(combined.length - this.#rounds.statistics));
    this.#round++;
  }

  async settled(): Promise<void> {}

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    for (const [i, vector] of this.#vectors.entries()) vectors[i].set(vector);
    return [];
  }

  restore(round: number, { vectors }: ReplicaVectors): void {
    for (const [i, vector] of this.#vectors.entries()) vector.set(vectors[i]);
    this.#round = round;
  }

  evaluate() {
    this.#learner.restore(this.#known(this.#global()));
    this.#restoreStatistics();
    return this.#learner.evaluate();
  }

  destroy(): void {
    this.#learner.destroy();
  }

  /** The strategy's round, exchange and step at this round of the cluster: one round of a strategy may have several exchanges. */
  get #moment() {
    const { exchanges } = this.#rounds;
    const round = Math.floor(this.#round / exchanges);
    return { round, phase: this.#round % exchanges, step: this.#rounds.stepAt(this.#round) };
  }

  /** The newest global state, or that of `before` rounds ago, as the strategy sees it. */
  #global(before = 0): StateVectors {
    return this.#bare(this.#state.global(this.#vectors, before));
  }

  #local(vectors: readonly Float32Array[]): StateVectors {
    return this.#bare(this.#state.local(vectors));
  }

  #bare(state: StateVectors): StateVectors {
    return Object.fromEntries(Object.entries(state).map(([name, vector]) => [name, this.#rounds.bare(vector)]));
  }

  /** The statistics of the global state: the end of its first vector. */
  #statistics(before = 0): Float32Array {
    const { length, statistics } = this.#rounds;
    return this.#vectors[before * this.#state.width].subarray(length - statistics);
  }

  #restoreStatistics(before = 0): void {
    this.#learner.statistics?.restore(this.#statistics(before));
  }

  /** Those of a part count by its rows. */
  async #contributeStatistics(part: number, out: Float32Array): Promise<void> {
    if (!this.#learner.statistics) return;
    await this.#learner.statistics.save(out);
    vectorOps.scale(this.#rounds.shareOf(this.#round, part), out);
  }

  /** Moves the state with which the round began to the earlier states; the oldest one is dropped. */
  #remember(): void {
    const { width, earlier } = this.#state;
    for (let i = width * earlier - 1; i >= 0; i--) this.#vectors[i + width].set(this.#vectors[i]);
  }

  /** Those vectors whose names the learner's state has, too. */
  #known(state: StateVectors): StateVectors {
    return Object.fromEntries(Object.entries(state).filter(([name]) => this.#learner.state.includes(name)));
  }

  async #update(state: StateVectors, gradient: Float32Array): Promise<void> {
    this.#learner.restore({ ...this.#blank, ...this.#known(state) });
    await this.#learner.update(gradient, this.#moment.step);
    await this.#learner.save(this.#known(state));
  }

  #reduction(
    combined: Float32Array,
    each?: (part: number) => Float32Array,
    parts = this.#rounds.participants(this.#round),
  ): Reduction {
    const { round } = this.#moment;
    const strategy = this.#strategy;
    return {
      parts,
      get weight() {
        return parts.reduce((sum, part) => sum + (strategy.rows(round, part).weight ?? 1), 0);
      },
      sum: async () => combined.slice(),
      each: async (part) => {
        if (each && strategy.needs === "each" && parts.includes(part)) return this.#rounds.bare(each(part)).slice();
        throw new UsageError(
          `it asked for the contribution of part ${part}: a strategy with needs: "each" can have those of the parts ${parts.join(", ")}`,
        );
      },
      dot: vectorOps.dot,
      norm: (a) => Math.sqrt(vectorOps.dot(a, a)),
    };
  }
}

const NO_STATE: LocalState = { now: [], next: [] };

/** Copies, which a strategy may change as it likes. Only `aggregate` changes the state itself. */
const copied = (state: StateVectors): StateVectors =>
  Object.fromEntries(Object.entries(state).map(([name, vector]) => [name, vector.slice()]));
