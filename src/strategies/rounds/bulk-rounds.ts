/**
 * Rounds of any strategy in which all parts of a round are there before the next round begins. Each exchange of a strategy's
 * round is one round of the cluster.
 */
import type { Collective, Inspection } from "../../collective/collective.js";
import type { Dataset } from "../../data/dataset.js";
import { partRange } from "../../data/sampler.js";
import type { Device } from "../../device/device.js";
import { brief } from "../../error.js";
import type { Workload } from "../../workload/workload.js";
import { quorumOf } from "../consistency.js";
import type { RoundPrivacy, Strategy } from "../strategy.js";
import { BulkReplica } from "./bulk-replica.js";
import { BulkState } from "./bulk-state.js";
import { guarded, StrategyError } from "./guarded.js";
import type { Advance, Replica, ReplicaProgram, ReplicaVectors } from "./replica.js";
import { RoundStarts } from "./round-starts.js";

export class BulkRounds implements ReplicaProgram {
  readonly parts: number;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  /** Elements of the statistics, at the end of the parameters and of each contribution. A strategy does not see them. */
  readonly statistics: number;
  readonly local: number;
  readonly each: boolean;
  readonly leases = false;
  readonly finite = true;
  readonly exchanges: number;
  readonly quorum: number | undefined;
  readonly privacy: RoundPrivacy | undefined;
  readonly #workload: Workload;
  readonly #strategy: Strategy;
  readonly #state: BulkState;
  /** Of the rounds of the strategy. */
  readonly #starts = new RoundStarts((round) => this.#advance(round).steps);

  constructor(workload: Workload, strategy: Strategy) {
    const { parts, needs, phases = 1, local = [] } = strategy;
    this.#workload = workload;
    this.#strategy = guarded(strategy);
    this.#state = new BulkState(strategy);
    const { names } = this.#state;
    this.#must(new Set(names).size === names.length, "the names of its state must differ in a checkpoint too", names);
    this.parts = parts;
    this.exchanges = phases;
    this.quorum = quorumOf(strategy);
    this.privacy = strategy.privacy;
    this.names = this.#state.names;
    this.vectors = this.names.length;
    this.statistics = workload.statistics ?? 0;
    this.length = workload.length + this.statistics;
    this.local = local.length;
    this.each = needs === "each";
  }

  participants(round: number): readonly number[] {
    const { participants, parts } = this.#strategy;
    const all = Array.from({ length: parts }, (_, part) => part);
    const chosen = participants?.(Math.floor(round / this.exchanges)) ?? all;
    const isAscending = chosen.every((part, i) => all.includes(part) && (i === 0 || part > chosen[i - 1]));
    this.#must(
      chosen.length > 0 && isAscending,
      `participants(${round}) must return one part or more, from 0 to ${parts - 1}, in ascending order`,
      chosen,
    );
    return chosen;
  }

  elements(round: number): number {
    const { exchanges } = this;
    const ranges = this.#strategy.exchange?.(Math.floor(round / exchanges), round % exchanges);
    if (!ranges) return this.length;
    const whole = this.#workload.length;
    const isWithin = ranges.every(
      ({ offset, length }) => isCount(offset, 0) && isCount(length, 1) && offset + length <= whole,
    );
    this.#must(
      ranges.length > 0 && isWithin,
      `exchange(${round}) must return one range or more, within ${whole} elements`,
      ranges,
    );
    return ranges.reduce((sum, { length }) => sum + length, this.statistics);
  }

  advance(round: number): Advance {
    const { steps, samples } = this.#advance(Math.floor(round / this.exchanges));
    return { steps: steps / this.exchanges, images: samples / this.exchanges };
  }

  stepAt(round: number): number {
    return this.#starts.stepAt(Math.floor(round / this.exchanges));
  }

  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return collective.sum(parts, out);
  }

  initialState(parameters = this.#workload.initialParameters()): ReplicaVectors {
    const vectors = this.#state.initial.map((initial) =>
      initial === "parameters" ? parameters.slice() : new Float32Array(this.length),
    );
    return { vectors, scalars: [] };
  }

  /** Of a round of the strategy. */
  #advance(round: number): ReturnType<Strategy["advance"]> {
    const advance = this.#strategy.advance(round);
    this.#must(
      isCount(advance?.steps, 1),
      `advance(${round}) must return a whole number of steps from 1`,
      advance?.steps,
    );
    return advance;
  }

  #must(holds: boolean, what: string, got: unknown): void {
    if (!holds) throw new StrategyError(`strategy ${this.#strategy.name}: ${what}, got ${brief(got)}`);
  }

  /** A vector, or a contribution, as the strategy sees it: without statistics. */
  bare(vector: Float32Array): Float32Array {
    return this.statistics === 0 ? vector : vector.subarray(0, vector.length - this.statistics);
  }

  /** The place in a batch from which `part` reads: where its noise is taken from. */
  placeOf(part: number): number {
    const { steps, samples } = this.#strategy.advance(0);
    return partRange(Math.max(this.parts, Math.floor(samples / steps)), this.parts, part).start;
  }

  /** The share of `part` in the statistics of a round: that of its rows. */
  shareOf(round: number, part: number): number {
    const strategyRound = Math.floor(round / this.exchanges);
    const rows = (one: number): number => this.#strategy.rows(strategyRound, one).rows.length;
    return rows(part) / this.participants(round).reduce((sum, one) => sum + rows(one), 0);
  }

  clearGaps(vectors: readonly Float32Array[]): void {
    for (const vector of vectors) this.#workload.clearGaps(vector);
  }

  async open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Replica> {
    const learner = await this.#workload.open(device, dataset);
    return new BulkReplica(this, this.#strategy, this.#state, learner);
  }
}

const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;
