/**
 * Rounds of the synchronous strategy, and of every strategy that does the same (`gradient-step.ts`): a round is one step, a
 * part is the gradient of its share of the batch, and every replica's optimizer applies the sum of the parts. With one part
 * these are the steps of the single-device trainer, bit for bit. A replica does nothing else, so where workers hold a lease
 * it can enqueue its part, or many rounds in one call.
 */

import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import { partRange, Sampler } from "../data/sampler.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { gradientProgram } from "../model/part-programs.js";
import { FIRST_LOSS_SCALE } from "../program/op.js";
import type { Program } from "../program/program.js";
import { WINDOW } from "../training/step-window.js";
import { type AutoencoderOptions, AutoencoderWorkload } from "../workload/autoencoder.js";
import { AutoencoderLearner } from "../workload/autoencoder-learner.js";
import type { StateVectors } from "../workload/learner.js";
import type { Advance, Replica, ReplicaProgram, ReplicaVectors } from "./replica.js";

export type RoundsOptions = AutoencoderOptions;

type Data = Pick<Dataset, "train" | "test">;

export class GradientRounds implements ReplicaProgram {
  readonly parts: number;
  readonly leases = true;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  /** False in mixed precision: there a gradient may overflow, and the loss scale then falls. */
  readonly finite: boolean;
  readonly #options: RoundsOptions;

  constructor(options: RoundsOptions) {
    const { config } = options;
    const workload = new AutoencoderWorkload(options);
    this.#options = options;
    this.parts = config.parts;
    this.vectors = workload.state.length;
    this.names = workload.state;
    this.length = workload.length;
    this.finite = config.precision !== "f16";
  }

  async combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return collective.sum(parts, out);
  }

  advance(): Advance {
    return { steps: 1, images: this.#options.config.batch };
  }

  stepAt(round: number): number {
    return round;
  }

  initialState(parameters?: Float32Array): ReplicaVectors {
    const { model, config } = this.#options;
    const state = Array.from({ length: this.vectors - 1 }, () => new Float32Array(this.length));
    return {
      vectors: [parameters ?? model.initialParameters(config.seed), ...state],
      scalars: config.precision === "f16" ? [...FIRST_LOSS_SCALE] : [],
    };
  }

  /**
   * For tuning: the gradient program of a part, one for each number of rows that a part can have. The data set has one image
   * here, because the number of images changes no product.
   */
  programs(): Program[] {
    const { model, config } = this.#options;
    const { batch, parts } = config;
    const ranges = Array.from({ length: parts }, (_, part) => partRange(batch, parts, part));
    const sizes = new Set(ranges.map(({ start, end }) => end - start));
    const source = { type: "u8", count: 1, scale: 1 } as const;
    return [...sizes].map((rows) => gradientProgram(model, { ...config, source, rows }));
  }

  open(device: Device, dataset: Data): Promise<Replica> {
    return GradientReplica.open(this.#options, device, dataset);
  }
}

class GradientReplica implements Replica {
  readonly #learner: AutoencoderLearner;
  readonly #sampler: Sampler;
  #round = 0;

  static async open(options: RoundsOptions, device: Device, dataset: Data): Promise<GradientReplica> {
    const { batch, parts } = options.config;
    // A replica that computes the whole batch may run windows of steps.
    const most = parts === 1 ? WINDOW * batch : Math.ceil(batch / parts);
    return new GradientReplica(options, await AutoencoderLearner.open(options, device, dataset, most), dataset);
  }

  private constructor(options: RoundsOptions, learner: AutoencoderLearner, dataset: Data) {
    const { seed, batch, parts } = options.config;
    this.#learner = learner;
    this.#sampler = new Sampler({ seed, count: dataset.train.count, batch, parts });
  }

  get round(): number {
    return this.#round;
  }

  contribute(part: number, out: Float32Array): Promise<number> {
    return this.#learner.gradientInPlace(this.#sampler.rows(this.#round, part), out);
  }

  enqueue(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">> {
    return this.#learner.enqueueGradient(this.#sampler.rows(this.#round, part), out);
  }

  async apply(combined: Float32Array): Promise<void> {
    await this.#learner.updateInPlace(combined, this.#round);
    this.#round++;
  }

  async runLeased(count: number): Promise<number[]> {
    const losses = await this.#learner.runLeased(this.#round, count);
    this.#round += losses.length;
    return [...losses];
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

  #named(vectors: readonly Float32Array[]): StateVectors {
    return Object.fromEntries(this.#learner.state.map((name, i) => [name, vectors[i]]));
  }
}
