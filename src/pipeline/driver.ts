/**
 * Pipeline-parallel training, for models that outgrow one device: each component of the model has a device of its own,
 * and the micro-batches of a step pass through them. For the coordinator a round has one part and the pipeline is one
 * worker, whose devices are a group, the stages: its replica, the driver, orders them to compute. The micro-batches are the parts of `GradientRounds`,
 * summed in the same tree: on devices of one kind the bits are the same.
 */
import { reconstructionError } from "../analysis/reconstruction-error.js";
import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import { GradientRounds } from "../strategies/rounds/gradient-rounds.js";
import type { Advance, Replica, ReplicaProgram, ReplicaVectors, RoundProgram } from "../strategies/rounds/replica.js";
import type { PipelineMemory, VectorLocation } from "./memory.js";
import { checkPipeline, type PipelineOptions } from "./options.js";
import type { Order, Work } from "./protocol.js";
import type { Stages } from "./stages.js";

export class Pipeline implements RoundProgram {
  readonly parts = 1;
  readonly finite = true;
  readonly leases = true;
  readonly names: readonly string[];
  readonly vectors: number;
  readonly length: number;
  readonly #inner: GradientRounds;

  /** @throws UsageError for a configuration that no pipeline can train */
  constructor(options: PipelineOptions) {
    checkPipeline(options.config);
    this.#inner = new GradientRounds(options);
    this.vectors = this.#inner.vectors;
    this.names = this.#inner.names;
    this.length = this.#inner.length;
  }

  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return this.#inner.combine(collective, parts, out);
  }

  advance(): Advance {
    return this.#inner.advance();
  }

  stepAt(round: number): number {
    return this.#inner.stepAt(round);
  }

  initialState(parameters?: Float32Array): ReplicaVectors {
    return this.#inner.initialState(parameters);
  }
}

/** A pipeline with the memory that its driver and its stages share: what the driver's node runs. */
export class DrivenPipeline extends Pipeline implements ReplicaProgram<Stages> {
  readonly #memory: PipelineMemory;

  constructor(options: PipelineOptions, memory: PipelineMemory) {
    super(options);
    this.#memory = memory;
  }

  async open(stages: Stages, dataset: Pick<Dataset, "train" | "test">): Promise<Replica> {
    return new PipelineDriver(stages, this.#memory, dataset);
  }
}

/**
 * Vector for a combined gradient that the stages cannot see in place; the vectors of the other numbers hold states and
 * parts.
 */
const STAGED_SUM = 1;

class PipelineDriver implements Replica {
  readonly #stages: Stages;
  readonly #memory: PipelineMemory;
  readonly #dataset: Pick<Dataset, "train" | "test">;
  #round = 0;
  /** The combined gradient that the stages have yet to apply: they are still in the round before. */
  #sum: VectorLocation | undefined;
  /** A state that the stages have yet to restore. */
  #restoring: Order | undefined;

  constructor(stages: Stages, memory: PipelineMemory, dataset: Pick<Dataset, "train" | "test">) {
    this.#stages = stages;
    this.#memory = memory;
    this.#dataset = dataset;
  }

  get round(): number {
    return this.#round;
  }

  async contribute(_part: number, out: Float32Array): Promise<number> {
    const place = this.#placeOf(out, 0);
    const loss = await this.#order({ kind: "step", out: place });
    this.#bring(place, out);
    return loss;
  }

  /** The stages apply it with the next order. */
  async apply(combined: Float32Array): Promise<void> {
    await this.#goOn();
    this.#sum = this.#give(combined, STAGED_SUM);
    this.#round++;
  }

  async settled(): Promise<void> {
    await this.#order({ kind: "settle" });
  }

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    await this.#goOn();
    const places = vectors.map((vector, i) => this.#placeOf(vector, i));
    await this.#order({ kind: "save", vectors: places });
    for (const [i, place] of places.entries()) this.#bring(place, vectors[i]);
    return [];
  }

  /** The stages take it over with the next order. */
  restore(round: number, { vectors }: ReplicaVectors): void {
    this.#restoring = { kind: "restore", round, vectors: vectors.map((vector, i) => this.#give(vector, i)) };
    this.#sum = undefined;
    this.#round = round;
  }

  async evaluate() {
    const { count, features } = this.#dataset.test;
    return { test: reconstructionError(await this.#order({ kind: "evaluate" }), count, features) };
  }

  destroy(): void {
    this.#restoring = undefined;
  }

  /** Takes the stages to the round of this learner, if they are behind. */
  async #goOn(): Promise<void> {
    if (this.#restoring || this.#sum) await this.settled();
  }

  async #order(work: Work): Promise<number> {
    if (this.#restoring) {
      await this.#stages.order(this.#restoring);
      this.#restoring = undefined;
    }
    const value = await this.#stages.order({ ...work, round: this.#round, sum: this.#sum });
    this.#sum = undefined;
    return value;
  }

  #placeOf(vector: Float32Array, staged: number): VectorLocation {
    return this.#memory.placeOf(vector) ?? { memory: "activations", index: staged };
  }

  /** A location where the stages see what is in `vector`: its own, or a copy. */
  #give(vector: Float32Array, staged: number): VectorLocation {
    const place = this.#placeOf(vector, staged);
    if (place.memory === "activations") this.#memory.vector(place).set(vector);
    return place;
  }

  /** Copies to `vector` what the stages have written, unless they wrote it in place. */
  #bring(place: VectorLocation, vector: Float32Array): void {
    if (place.memory === "activations") vector.set(this.#memory.vector(place));
  }
}
