/**
 * Pipeline-parallel training, for models that outgrow one device: each component of the model on a device of its own, and
 * the micro-batches of a step on their way through them. To the coordinator a round is one part, and the pipeline one
 * worker: its learner, the head, computes nothing and has the stages do it. The micro-batches are the shards of
 * `Synchronous`, summed in the same tree: on devices of one kind the bits are the same.
 */
import { reconstructionError } from "../analysis/reconstruction-error.js";
import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { DawnpourError } from "../error.js";
import type { Learner, LearnerState, Strategy } from "../strategies/strategy.js";
import { Synchronous } from "../strategies/synchronous.js";
import type { PipelineMemory, VectorLocation } from "./memory.js";
import { checkPipeline, type PipelineOptions } from "./options.js";
import type { Order, Work } from "./protocol.js";
import { Stages } from "./stages.js";

export class Pipeline implements Strategy {
  readonly parts = 1;
  readonly stepsPerRound = 1;
  readonly finite = true;
  readonly vectors: number;
  readonly length: number;
  readonly #inner: Synchronous;
  readonly #memory: PipelineMemory | undefined;

  /**
   * @param memory what learners need
   * @throws UsageError for a configuration that no pipeline can train
   */
  constructor(options: PipelineOptions, memory?: PipelineMemory) {
    checkPipeline(options.config);
    this.#inner = new Synchronous(options);
    this.#memory = memory;
    this.vectors = this.#inner.vectors;
    this.length = this.#inner.length;
  }

  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return this.#inner.combine(collective, parts, out);
  }

  initialState(): LearnerState {
    return this.#inner.initialState();
  }

  /** @param device the row of stages, as `Stages.attach` gives it */
  async open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner> {
    if (!(device instanceof Stages)) throw new DawnpourError("a pipeline is opened on its stages: use Stages.attach");
    if (!this.#memory) throw new DawnpourError("a pipeline without the memory of its stages has no learners: give it");
    return new PipelineDriver(device, this.#memory, dataset);
  }
}

/** Where a combined vector is copied to that lies where the stages do not see it; the other vectors there are for all else. */
const STAGED_SUM = 1;

class PipelineDriver implements Learner {
  readonly #stages: Stages;
  readonly #memory: PipelineMemory;
  readonly #dataset: Pick<Dataset, "train" | "test">;
  #round = 0;
  /** By which the stages, which are still in the round before, have to go on. */
  #sum: VectorLocation | undefined;
  /** A state that the stages have not taken over yet. */
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

  /** The stages hear of it with the next order. */
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
  restore(round: number, { vectors }: LearnerState): void {
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

  /** Brings the stages to where this learner is, if something is still to be done for that. */
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

  /** Sees to it that the stages see what is in `vector`. */
  #give(vector: Float32Array, staged: number): VectorLocation {
    const place = this.#placeOf(vector, staged);
    if (place.memory === "activations") this.#memory.vector(place).set(vector);
    return place;
  }

  /** Sees to it that `vector` has what the stages have left. */
  #bring(place: VectorLocation, vector: Float32Array): void {
    if (place.memory === "activations") vector.set(this.#memory.vector(place));
  }
}
