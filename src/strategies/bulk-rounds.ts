/**
 * Rounds of any strategy in which all parts of a round are there before the next begins. A round of the strategy that has
 * several exchanges is as many rounds of the cluster.
 */
import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Workload } from "../workload/workload.js";
import { BulkReplica } from "./bulk-replica.js";
import { BulkState } from "./bulk-state.js";
import type { Replica, ReplicaVectors, RoundProgram } from "./replica.js";
import type { Strategy } from "./strategy.js";

export class BulkRounds implements RoundProgram {
  readonly parts: number;
  readonly stepsPerRound: number;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  readonly local: number;
  readonly each: boolean;
  readonly leases = false;
  readonly finite = true;
  readonly exchanges: number;
  readonly #workload: Workload;
  readonly #strategy: Strategy;
  readonly #state: BulkState;
  /** Steps before each round of the strategy, as far as they were asked for. */
  readonly #steps = [0];

  constructor(workload: Workload, strategy: Strategy) {
    const { parts, needs, phases = 1, local = [] } = strategy;
    this.#workload = workload;
    this.#strategy = strategy;
    this.#state = new BulkState(strategy);
    this.parts = parts;
    this.exchanges = phases;
    this.stepsPerRound = strategy.advance(0).steps / phases;
    this.names = this.#state.names;
    this.vectors = this.names.length;
    this.length = workload.length;
    this.local = local.length;
    this.each = needs === "each";
  }

  participants(round: number): readonly number[] {
    const { participants, parts } = this.#strategy;
    const all = Array.from({ length: parts }, (_, part) => part);
    return participants?.call(this.#strategy, Math.floor(round / this.exchanges)) ?? all;
  }

  elements(round: number): number {
    const { exchanges } = this;
    const ranges = this.#strategy.exchange?.(Math.floor(round / exchanges), round % exchanges);
    return ranges?.reduce((sum, { length }) => sum + length, 0) ?? this.length;
  }

  stepAt(round: number): number {
    const whole = Math.floor(round / this.exchanges);
    for (let i = this.#steps.length; i <= whole; i++) {
      this.#steps.push(this.#steps[i - 1] + this.#strategy.advance(i - 1).steps);
    }
    return this.#steps[Math.max(0, whole)];
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

  async open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Replica> {
    const learner = await this.#workload.open(device, dataset);
    return new BulkReplica(this, this.#strategy, this.#state, learner);
  }
}
