/**
 * An autoencoder on a device, with its optimizer. More than other learners, it can enqueue a gradient without waiting
 * for it, and run whole windows of steps, as the single-device trainer does.
 */

import type { Dataset } from "../data/dataset.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import { freedOnFailure } from "../device/freed-on-failure.js";
import { LOSS_SCALE, stateBuffers } from "../model/lower.js";
import { gradientProgram, updateProgram } from "../model/part-programs.js";
import { updateRule, writeScalars } from "../optimizer/optimizer.js";
import { UPDATE_SCALARS } from "../program/op.js";
import { HostProgram } from "../tensors/host-program.js";
import { type BatchSource, openBatchSource } from "../training/batch-source.js";
import { evaluateBoth, evaluatedRows } from "../training/evaluate.js";
import { learningRate, optimizerFromConfig, scheduleFromConfig } from "../training/from-config.js";
import { StepWindow, WINDOW } from "../training/step-window.js";
import type { AutoencoderOptions } from "./autoencoder.js";
import { ClippedRows, type RowClipping } from "./clipped-rows.js";
import { DeviceLearner, rowsOfStep } from "./device-learner.js";
import type { StateVectors, StepLearner } from "./learner.js";
import { vectorOps } from "./vector-ops.js";

type Data = Pick<Dataset, "train" | "test">;

export class AutoencoderLearner extends DeviceLearner implements StepLearner {
  readonly length: number;
  readonly state: readonly string[];
  readonly vectors = vectorOps;
  readonly #options: AutoencoderOptions;
  readonly #dataset: Data;
  /** The rows that evaluations measure. */
  #measured: Data | undefined;
  readonly #feed: BatchSource;
  /** Programs, by their number of rows. */
  readonly #gradients = new Map<number, HostProgram>();
  /** Windows of steps, by the rows of a batch. */
  readonly #windows = new Map<number, StepWindow>();
  readonly #scalars = new Float32Array(UPDATE_SCALARS);
  readonly #clipped: ClippedRows;

  /** @param most rows that one gradient, or one window of steps, reads; default: a window of whole batches */
  static async open(
    options: AutoencoderOptions,
    device: Device,
    dataset: Data,
    most = WINDOW * options.config.batch,
  ): Promise<AutoencoderLearner> {
    const { model, config } = options;
    const rule = updateRule(optimizerFromConfig(config));
    return freedOnFailure(openBatchSource(device, dataset.train, most), async (feed) => {
      const update = await HostProgram.compile(device, updateProgram(model, { ...config, rule }), "gradients", {});
      return new AutoencoderLearner(options, device, dataset, feed, update);
    });
  }

  private constructor(
    options: AutoencoderOptions,
    device: Device,
    dataset: Data,
    feed: BatchSource,
    update: HostProgram,
  ) {
    super(device, update);
    this.#options = options;
    this.#dataset = dataset;
    this.#feed = feed;
    this.#clipped = new ClippedRows(device, (rows) => ({
      program: gradientProgram(options.model, { ...options.config, source: feed.source, rows, batch: 1 }),
      bindings: { source: feed.buffer, parameters: this.buffer("parameters") },
    }));
    this.length = options.model.layout.length;
    this.state = ["parameters", ...stateBuffers(updateRule(optimizerFromConfig(options.config)))];
  }

  async gradient(rows: Uint32Array, out: Float32Array): Promise<number> {
    const [loss] = await (await this.prepare(rows, out)).copyInto(out, "total");
    return loss;
  }

  clippedGradient(rows: Uint32Array, clipping: RowClipping, out: Float32Array): Promise<number> {
    return this.#clipped.sum(rows, clipping, out, (program, some) =>
      program.buffer("rows").write(this.#feed.stage(some)),
    );
  }

  async loss(rows: Uint32Array): Promise<number> {
    const gradient = await this.#gradient(rows.length);
    gradient.base.buffer("rows").write(this.#feed.stage(rows));
    gradient.base.run();
    const [loss] = await f32Buffer(gradient.base, "total").read();
    return loss;
  }

  async update(gradient: Float32Array, step: number): Promise<void> {
    this.prepareUpdate(step);
    this.updating.copyFrom(gradient);
  }

  protected prepareUpdate(step: number): void {
    const { config, steps } = this.#options;
    const rule = updateRule(optimizerFromConfig(config));
    writeScalars(this.#scalars, 0, rule, learningRate(config, steps, step), step);
    this.updating.base.buffer("scalars").write(this.#scalars);
  }

  async steps(count: number, rows: Uint32Array, first: number): Promise<number> {
    const batch = rowsOfStep(count, rows);
    const window = await this.#window(batch);
    const losses = await window.enqueueRows(first, count, rows);
    // The first step that is not finite, and all after it, were left out.
    return losses.length < count ? Number.NaN : losses.reduce((sum, loss) => sum + loss, 0) / count;
  }

  /**
   * The next steps of the single-device trainer, `WINDOW` at most. Resolves with their losses. It stops before a step that is
   * not finite. In mixed precision the loss scale leaves such a step out, and the learner goes on.
   */
  async runLeased(first: number, count: number): Promise<Float32Array> {
    const window = await this.#window(this.#options.config.batch);
    return window.enqueue(first, Math.min(count, WINDOW));
  }

  async save(out: StateVectors): Promise<void> {
    await Promise.all(Object.entries(out).map(([name, vector]) => this.buffer(name).readInto(vector)));
  }

  restore(state: StateVectors): void {
    for (const [name, vector] of Object.entries(state)) this.buffer(name).write(vector);
  }

  /** The numbers of its state that are in no flat vector: the loss scale of mixed precision. */
  async saveScalars(): Promise<number[]> {
    return this.#mixed ? [...(await f32Buffer(this.updating.base, LOSS_SCALE).read())] : [];
  }

  restoreScalars(scalars: readonly number[]): void {
    if (this.#mixed) this.updating.base.buffer(LOSS_SCALE).write(Float32Array.from(scalars));
  }

  evaluate() {
    const { test } = this.#dataset;
    this.#measured ??= { train: evaluatedRows(this.#dataset), test };
    return evaluateBoth(this.device, this.#options.model, this.#measured, this.buffer("parameters"));
  }

  destroy(): void {
    for (const gradient of this.#gradients.values()) gradient.destroy();
    this.#clipped.destroy();
    for (const window of this.#windows.values()) window.destroy();
    this.updating.destroy();
    this.#feed.destroy();
  }

  /** The program of a gradient, with its images. */
  protected async prepare(rows: Uint32Array, out: Float32Array): Promise<HostProgram> {
    // No kernel writes to these elements, so a damaged value would stay there.
    this.#options.model.layout.clearGaps(out);
    const gradient = await this.#gradient(rows.length);
    gradient.base.buffer("rows").write(this.#feed.stage(rows));
    return gradient;
  }

  async #gradient(rows: number): Promise<HostProgram> {
    const known = this.#gradients.get(rows);
    if (known) return known;
    const { model, config } = this.#options;
    const program = gradientProgram(model, { ...config, source: this.#feed.source, rows });
    const bindings: Record<string, DeviceBuffer> = {
      source: this.#feed.buffer,
      parameters: this.buffer("parameters"),
    };
    if (this.#mixed) bindings[LOSS_SCALE] = this.updating.base.buffer(LOSS_SCALE);
    const gradient = await HostProgram.compile(this.device, program, "gradients", bindings);
    this.#gradients.set(rows, gradient);
    return gradient;
  }

  async #window(batch: number): Promise<StepWindow> {
    const known = this.#windows.get(batch);
    if (known) return known;
    const window = await this.#openWindow(batch);
    this.#windows.set(batch, window);
    return window;
  }

  /** The steps of the single-device trainer, on the state of this learner. */
  #openWindow(batch: number): Promise<StepWindow> {
    const { config, model, steps: totalSteps } = this.#options;
    const names = [...this.state, ...(this.#mixed ? [LOSS_SCALE] : [])];
    return StepWindow.open({
      ...config,
      batch,
      device: this.device,
      model,
      optimizer: optimizerFromConfig(config),
      schedule: scheduleFromConfig(config),
      totalSteps,
      feed: this.#feed,
      count: this.#dataset.train.count,
      bindings: Object.fromEntries(names.map((name) => [name, this.updating.base.buffer(name)])),
      // In mixed precision the loss scale leaves out a step that overflows.
      guarded: !this.#mixed,
    });
  }

  get #mixed(): boolean {
    return this.#options.config.precision === "f16";
  }
}
