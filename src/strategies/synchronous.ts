/**
 * Synchronous data-parallel training over logical shards: a round is one step, a part the gradient of one shard of its
 * batch, and the sum of the parts is applied by every replica's optimizer. With one shard these are the steps of the
 * single-device trainer, bit for bit.
 *
 * Goyal et al. 2017, "Accurate, Large Minibatch SGD", for what it computes; that shards are logical, and their number
 * fixed, is EasyScale's idea (Li et al. 2022).
 */

import type { Collective, Inspection } from "../collective/collective.js";
import type { Dataset } from "../data/dataset.js";
import { Sampler, shardRange } from "../data/sampler.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { gradientProgram, LOSS_SCALE, stateBuffers, updateProgram } from "../model/lower.js";
import { updateRule, writeScalars } from "../optimizer/optimizer.js";
import { rateFactor } from "../optimizer/schedule.js";
import { FIRST_LOSS_SCALE, UPDATE_SCALARS } from "../program/op.js";
import type { Program } from "../program/program.js";
import { HostProgram } from "../tensors/host-program.js";
import { type BatchSource, openBatchSource } from "../training/batch-source.js";
import type { TrainingConfig } from "../training/config.js";
import { evaluateBoth, evaluatedRows } from "../training/evaluate.js";
import { optimizerFromConfig, scheduleFromConfig } from "../training/from-config.js";
import { StepWindow, WINDOW } from "../training/step-window.js";
import type { Learner, LearnerState, Strategy } from "./strategy.js";

export interface SynchronousOptions {
  readonly model: Autoencoder;
  readonly config: TrainingConfig;
  /** Of the whole run, for schedules that depend on it. */
  readonly steps: number;
}

export class Synchronous implements Strategy {
  readonly parts: number;
  readonly stepsPerRound = 1;
  readonly vectors: number;
  readonly length: number;
  /** In mixed precision an overflow is what the loss scale learns from. */
  readonly finite: boolean;
  readonly #options: SynchronousOptions;

  constructor(options: SynchronousOptions) {
    const { model, config } = options;
    this.#options = options;
    this.parts = config.shards;
    this.vectors = 1 + stateBuffers(updateRule(optimizerFromConfig(config))).length;
    this.length = model.layout.length;
    this.finite = config.precision !== "f16";
  }

  async combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return collective.sum(parts, out);
  }

  initialState(): LearnerState {
    const { model, config } = this.#options;
    const state = Array.from({ length: this.vectors - 1 }, () => new Float32Array(this.length));
    return {
      vectors: [model.initialParameters(config.seed), ...state],
      scalars: config.precision === "f16" ? [...FIRST_LOSS_SCALE] : [],
    };
  }

  /** The gradient of a shard, of each size that there is, for tuning. That a data set has many images changes no product. */
  programs(): Program[] {
    const { model, config } = this.#options;
    const { batch, shards } = config;
    const ranges = Array.from({ length: shards }, (_, shard) => shardRange(batch, shards, shard));
    const sizes = new Set(ranges.map(({ start, end }) => end - start));
    const source = { type: "u8", count: 1, scale: 1 } as const;
    return [...sizes].map((rows) => gradientProgram(model, { ...config, source, rows }));
  }

  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Learner> {
    return Replica.open(this.#options, device, dataset);
  }
}

class Replica implements Learner {
  readonly #options: SynchronousOptions;
  readonly #device: Device;
  readonly #dataset: Pick<Dataset, "train" | "test">;
  /** What evaluations measure. */
  #measured: Pick<Dataset, "train" | "test"> | undefined;
  readonly #feed: BatchSource;
  readonly #sampler: Sampler;
  readonly #update: HostProgram;
  /** The state, the parameters first. */
  readonly #state: readonly DeviceBuffer<"f32">[];
  /** Programs for shards of so many rows: sizes differ by at most one. */
  readonly #gradients = new Map<number, HostProgram>();
  /** For rounds in which it leads. */
  #window: StepWindow | undefined;
  readonly #scalars = new Float32Array(UPDATE_SCALARS);
  #round = 0;

  static async open(
    options: SynchronousOptions,
    device: Device,
    dataset: Pick<Dataset, "train" | "test">,
  ): Promise<Replica> {
    const { model, config } = options;
    const rule = updateRule(optimizerFromConfig(config));
    // Who computes all of a batch may be asked to lead.
    const most = config.shards === 1 ? WINDOW * config.batch : Math.ceil(config.batch / config.shards);
    const feed = openBatchSource(device, dataset.train, most);
    try {
      const update = await HostProgram.compile(device, updateProgram(model, { ...config, rule }), "gradients", {});
      return new Replica(options, device, dataset, feed, update);
    } catch (error) {
      feed.destroy();
      throw error;
    }
  }

  private constructor(
    options: SynchronousOptions,
    device: Device,
    dataset: Pick<Dataset, "train" | "test">,
    feed: BatchSource,
    update: HostProgram,
  ) {
    const { config } = options;
    this.#options = options;
    this.#device = device;
    this.#dataset = dataset;
    this.#feed = feed;
    this.#update = update;
    this.#state = ["parameters", ...this.#slots].map((name) => f32Buffer(update.base, name));
    const { count } = dataset.train;
    this.#sampler = new Sampler({ seed: config.seed, count, batch: config.batch, shards: config.shards });
  }

  get round(): number {
    return this.#round;
  }

  async contribute(part: number, out: Float32Array): Promise<number> {
    const gradient = await this.#prepare(part, out);
    const [loss] = await gradient.runInto(out, "total");
    return loss;
  }

  async enqueue(part: number, out: Float32Array): Promise<DeviceBuffer<"f32">> {
    const gradient = await this.#prepare(part, out);
    return gradient.enqueueInto(out, "total");
  }

  async apply(combined: Float32Array): Promise<void> {
    const { config, steps } = this.#options;
    const optimizer = optimizerFromConfig(config);
    const rate = optimizer.learningRate * rateFactor(scheduleFromConfig(config), this.#round, steps);
    writeScalars(this.#scalars, 0, updateRule(optimizer), rate, this.#round);
    this.#update.base.buffer("scalars").write(this.#scalars);
    await this.#update.runFrom(combined);
    this.#round++;
  }

  async lead(count: number): Promise<number[]> {
    this.#window ??= await this.#openWindow();
    const losses = await this.#window.enqueue(this.#round, Math.min(count, WINDOW));
    this.#round += losses.length;
    return [...losses];
  }

  settled(): Promise<void> {
    return this.#device.idle();
  }

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    await Promise.all(this.#state.map((buffer, i) => buffer.readInto(vectors[i])));
    return this.#mixed ? [...(await f32Buffer(this.#update.base, LOSS_SCALE).read())] : [];
  }

  restore(round: number, { vectors, scalars }: LearnerState): void {
    for (const [i, buffer] of this.#state.entries()) buffer.write(vectors[i]);
    if (this.#mixed) this.#update.base.buffer(LOSS_SCALE).write(Float32Array.from(scalars));
    this.#round = round;
  }

  evaluate() {
    const { test } = this.#dataset;
    this.#measured ??= { train: evaluatedRows(this.#dataset), test };
    return evaluateBoth(this.#device, this.#options.model, this.#measured, this.#state[0]);
  }

  destroy(): void {
    for (const gradient of this.#gradients.values()) gradient.destroy();
    this.#window?.destroy();
    this.#update.destroy();
    this.#feed.destroy();
  }

  /** The program of a part, with its images. */
  async #prepare(part: number, out: Float32Array): Promise<HostProgram> {
    const { config, model } = this.#options;
    // No kernel writes there: what was damaged once would stay so.
    model.layout.clearGaps(out);
    const { start, end } = shardRange(config.batch, config.shards, part);
    const gradient = await this.#gradient(end - start);
    gradient.base.buffer("rows").write(this.#feed.stage(this.#sampler.rows(this.#round, part)));
    return gradient;
  }

  async #gradient(rows: number): Promise<HostProgram> {
    const known = this.#gradients.get(rows);
    if (known) return known;
    const { model, config } = this.#options;
    const program = gradientProgram(model, { ...config, source: this.#feed.source, rows });
    const bindings: Record<string, DeviceBuffer> = { source: this.#feed.buffer, parameters: this.#state[0] };
    if (this.#mixed) bindings[LOSS_SCALE] = this.#update.base.buffer(LOSS_SCALE);
    const gradient = await HostProgram.compile(this.#device, program, "gradients", bindings);
    this.#gradients.set(rows, gradient);
    return gradient;
  }

  /** The steps of the single-device trainer, on the state of this replica. */
  #openWindow(): Promise<StepWindow> {
    const { config, model, steps: totalSteps } = this.#options;
    const names = ["parameters", ...this.#slots, ...(this.#mixed ? [LOSS_SCALE] : [])];
    return StepWindow.open({
      ...config,
      device: this.#device,
      model,
      optimizer: optimizerFromConfig(config),
      schedule: scheduleFromConfig(config),
      totalSteps,
      feed: this.#feed,
      count: this.#dataset.train.count,
      bindings: Object.fromEntries(names.map((name) => [name, this.#update.base.buffer(name)])),
      // An overflow in mixed precision is left out by its own means.
      guarded: !this.#mixed,
    });
  }

  get #slots(): string[] {
    return stateBuffers(updateRule(optimizerFromConfig(this.#options.config)));
  }

  get #mixed(): boolean {
    return this.#options.config.precision === "f16";
  }
}
