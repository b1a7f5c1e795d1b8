/**
 * Rounds of the synchronous strategy, and of every strategy that does the same (`gradient-step.ts`): a round is one step, a
 * part is the gradient of its share of the batch, and every replica's optimizer applies the sum of the parts. With one part
 * these are the steps of the single-device trainer, bit for bit. A replica does nothing else, so where workers hold a lease
 * it can enqueue its part, or many rounds in one call.
 */

import type { Collective, Inspection } from "../../collective/collective.js";
import type { Dataset } from "../../data/dataset.js";
import { partRange, Sampler } from "../../data/sampler.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import type { Program } from "../../program/program.js";
import type { TrainingConfig } from "../../training/config/config.js";
import { WINDOW } from "../../training/step-window.js";
import { type AutoencoderOptions, AutoencoderWorkload } from "../../workload/autoencoder.js";
import type { StateVectors, StepLearner } from "../../workload/learner.js";
import type { StepWorkload } from "../../workload/workload.js";
import type { Advance, Replica, ReplicaProgram, ReplicaVectors } from "./replica.js";

/** What decides which rows a part reads. */
type RoundsConfig = Pick<TrainingConfig, "parts" | "batch" | "seed">;

type Data = Pick<Dataset, "train" | "test">;

export class GradientRounds implements ReplicaProgram {
  readonly parts: number;
  readonly leases = true;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  readonly finite: boolean;
  readonly #workload: StepWorkload;
  readonly #config: RoundsConfig;

  constructor(options: AutoencoderOptions | { readonly workload: StepWorkload; readonly config: RoundsConfig }) {
    const { config } = options;
    const workload: StepWorkload = "workload" in options ? options.workload : new AutoencoderWorkload(options);
    this.#workload = workload;
    this.#config = config;
    this.parts = config.parts;
    this.vectors = workload.state.length;
    this.names = workload.state;
    this.length = workload.length + (workload.statistics ?? 0);
    this.finite = workload.finite;
  }

  async combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return collective.sum(parts, out);
  }

  advance(): Advance {
    return { steps: 1, images: this.#config.batch };
  }

  stepAt(round: number): number {
    return round;
  }

  initialState(parameters = this.#workload.initialParameters()): ReplicaVectors {
    const state = Array.from({ length: this.vectors - 1 }, () => new Float32Array(this.length));
    return { vectors: [parameters, ...state], scalars: [...this.#workload.scalars] };
  }

  /** For tuning: the gradient program of a part, one for each number of rows that a part can have. */
  programs(): Program[] {
    const { batch, parts } = this.#config;
    const ranges = Array.from({ length: parts }, (_, part) => partRange(batch, parts, part));
    const sizes = new Set(ranges.map(({ start, end }) => end - start));
    return [...sizes].map((rows) => this.#workload.gradientProgram(rows));
  }

  open(device: Device, dataset: Data): Promise<Replica> {
    return GradientReplica.open(this.#config, this.#workload, device, dataset);
  }
}

class GradientReplica implements Replica {
  /** Absent where the learner makes one step at a time. */
  readonly runLeased?: (count: number) => Promise<number[]>;
  readonly #learner: StepLearner;
  readonly #config: RoundsConfig;
  readonly #sampler: Sampler;
  #round = 0;

  static async open(
    config: RoundsConfig,
    workload: StepWorkload,
    device: Device,
    dataset: Data,
  ): Promise<GradientReplica> {
    const { batch, parts } = config;
    // A replica that computes the whole batch may run windows of steps.
    const most = parts === 1 ? WINDOW * batch : Math.ceil(batch / parts);
    return new GradientReplica(config, await workload.open(device, dataset, most), dataset);
  }

  private constructor(config: RoundsConfig, learner: StepLearner, dataset: Data) {
    const { seed, batch, parts } = config;
    this.#learner = learner;
    this.#config = config;
    this.#sampler = new Sampler({ seed, count: dataset.train.count, batch, parts });
    if (learner.runLeased) this.runLeased = (count) => this.#runLeased(count);
  }

  get round(): number {
    return this.#round;
  }

  contribute(part: number, out: Float32Array): Promise<number> {
    return this.#learner.gradientInPlace(this.#rows(part), out);
  }

  enqueue(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">> {
    return this.#learner.enqueueGradient(this.#rows(part), out);
  }

  async apply(combined: Float32Array): Promise<void> {
    await this.#learner.updateInPlace(combined, this.#round);
    this.#round++;
  }

  async applyCopy(combined: Float32Array): Promise<void> {
    await this.#learner.update(combined, this.#round);
    this.#round++;
  }

  settled(): Promise<void> {
    return this.#learner.idle();
  }

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    await this.#learner.save(this.#named(vectors));
    return this.#learner.saveScalars();
  }

  restore(round: number, { vectors, scalars }: ReplicaVectors): void {
    this.#learner.restore(this.#named(vectors));
    this.#learner.restoreScalars(scalars);
    this.#round = round;
  }

  evaluate() {
    return this.#learner.evaluate();
  }

  destroy(): void {
    this.#learner.destroy();
  }

  /** The rows of a part of this round; the learner is told where they are in the run. */
  #rows(part: number): Uint32Array {
    const { batch, parts } = this.#config;
    this.#learner.at?.(this.#round, partRange(batch, parts, part).start);
    return this.#sampler.rows(this.#round, part);
  }

  async #runLeased(count: number): Promise<number[]> {
    const losses = (await this.#learner.runLeased?.(this.#round, count)) ?? [];
    this.#round += losses.length;
    return [...losses];
  }

  #named(vectors: readonly Float32Array[]): StateVectors {
    return Object.fromEntries(this.#learner.state.map((name, i) => [name, vectors[i]]));
  }
}
