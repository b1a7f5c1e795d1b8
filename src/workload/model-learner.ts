/** A task on a device, with its optimizer: what a model of layers and a loss need to be learned by parts. */

import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import { freedOnFailure } from "../device/freed-on-failure.js";
import { flatGradient, flatUpdate } from "../model/flat-model.js";
import { chainState, stepScalars } from "../optimizer/chain-ops.js";
import { HostProgram } from "../tensors/host-program.js";
import type { Evaluation } from "../training/evaluate.js";
import type { Task } from "../training/task/task.js";
import { TaskEvaluation } from "../training/task/task-evaluation.js";
import { TaskSource } from "../training/task/task-source.js";
import { TaskSteps } from "../training/task/task-steps.js";
import { ClippedRows, type RowClipping } from "./clipped-rows.js";
import { DeviceLearner, rowsOfStep } from "./device-learner.js";
import type { StateVectors, Statistics, StepLearner } from "./learner.js";
import { vectorOps } from "./vector-ops.js";

type Data = Pick<Dataset, "train" | "test">;

/** What a learner of a task is made from. */
export interface ModelLearnerOptions {
  readonly task: Task;
  readonly batch: number;
  /** Steps of the whole run, for schedules. */
  readonly steps: number;
  readonly seed: number;
}

export class ModelLearner extends DeviceLearner implements StepLearner {
  readonly length: number;
  readonly state: readonly string[];
  readonly statistics: Statistics | undefined;
  readonly vectors = vectorOps;
  readonly #options: ModelLearnerOptions;
  readonly #dataset: Data;
  readonly #source: TaskSource;
  /** Programs, by their number of rows. */
  readonly #gradients = new Map<number, HostProgram>();
  readonly #steps = new Map<number, TaskSteps>();
  readonly #clipped: ClippedRows;
  #evaluation: TaskEvaluation | undefined;
  /** Where noise is taken from: the step, and the place of the first row in the whole batch. */
  readonly #position = new Uint32Array(2);

  /** @param most rows that one call reads */
  static async open(
    options: ModelLearnerOptions,
    device: Device,
    dataset: Data,
    most = options.batch,
  ): Promise<ModelLearner> {
    const { task } = options;
    return freedOnFailure(TaskSource.open(device, task, dataset.train, most), async (source) => {
      const update = await HostProgram.compile(device, flatUpdate(task.flat, task.optimizer), "gradients", {});
      return new ModelLearner(options, device, dataset, source, update);
    });
  }

  private constructor(
    options: ModelLearnerOptions,
    device: Device,
    dataset: Data,
    source: TaskSource,
    update: HostProgram,
  ) {
    const { flat, optimizer } = options.task;
    super(device, update);
    this.#options = options;
    this.#dataset = dataset;
    this.#source = source;
    this.#clipped = new ClippedRows(device, (rows) => ({
      program: flatGradient(flat, { source: source.source, batch: 1, rows, seed: options.seed, reuse: false }),
      bindings: { ...source.buffers, parameters: this.buffer("parameters") },
    }));
    this.length = flat.parameters;
    this.state = ["parameters", ...chainState(optimizer)];
    if (flat.statistics > 0) {
      this.statistics = {
        length: flat.statistics,
        save: (out) => this.buffer("parameters").readInto(out, flat.parameters),
        restore: (values) => this.buffer("parameters").write(values, flat.parameters),
      };
    }
  }

  at(step: number, row: number): void {
    this.#position.set([step, row]);
  }

  async gradient(rows: Uint32Array, out: Float32Array): Promise<number> {
    const { flat } = this.#options.task;
    const whole = out.length === flat.layout.length ? out : new Float32Array(flat.layout.length);
    const [loss] = await (await this.prepare(rows, whole)).copyInto(whole, "total");
    if (whole === out) return loss;
    out.set(whole.subarray(0, flat.parameters));
    if (this.statistics) this.#follow(whole.subarray(flat.parameters), rows.length);
    return loss;
  }

  clippedGradient(rows: Uint32Array, clipping: RowClipping, out: Float32Array): Promise<number> {
    const [step, row] = this.#position;
    return this.#clipped.sum(rows, clipping, out, (program, some, start) => {
      program.buffer("rows").write(this.#source.stage(some));
      program.buffer("position").write(Uint32Array.of(step, row + start));
    });
  }

  async loss(rows: Uint32Array): Promise<number> {
    const gradient = await this.#gradient(rows.length);
    this.#stage(gradient, rows);
    gradient.base.run();
    const [loss] = await f32Buffer(gradient.base, "total").read();
    return loss;
  }

  async update(gradient: Float32Array, step: number): Promise<void> {
    const { layout, parameters } = this.#options.task.flat;
    this.prepareUpdate(step);
    if (gradient.length === layout.length) return this.updating.copyFrom(gradient);
    const whole = new Float32Array(layout.length);
    whole.set(gradient);
    // The update takes the statistics over: they stay as they are.
    await this.buffer("parameters").readInto(whole.subarray(parameters), parameters);
    this.updating.copyFrom(whole);
  }

  async steps(count: number, rows: Uint32Array, first: number): Promise<number> {
    const batch = rowsOfStep(count, rows);
    const steps = await this.#stepsOf(batch);
    const losses = await steps.enqueue(first, count, rows, this.#position[1]);
    return losses.reduce((sum, loss) => sum + loss, 0) / count;
  }

  async save(out: StateVectors): Promise<void> {
    await Promise.all(
      Object.entries(out).map(async ([name, vector]) => {
        const buffer = this.buffer(name);
        if (vector.length <= buffer.length) return buffer.readInto(vector);
        vector.fill(0, buffer.length);
        return buffer.readInto(vector.subarray(0, buffer.length));
      }),
    );
  }

  restore(state: StateVectors): void {
    for (const [name, vector] of Object.entries(state)) {
      const buffer = this.buffer(name);
      buffer.write(vector.length <= buffer.length ? vector : vector.subarray(0, buffer.length));
    }
  }

  async saveScalars(): Promise<number[]> {
    return [];
  }

  restoreScalars(): void {}

  async evaluate(): Promise<Evaluation> {
    this.#evaluation ??= await TaskEvaluation.open(this.device, this.#options.task, this.#dataset);
    return this.#evaluation.run(await this.buffer("parameters").read());
  }

  destroy(): void {
    this.#evaluation?.[Symbol.dispose]();
    for (const gradient of this.#gradients.values()) gradient.destroy();
    this.#clipped.destroy();
    for (const steps of this.#steps.values()) steps.destroy();
    this.updating.destroy();
    this.#source.destroy();
  }

  protected prepareUpdate(step: number): void {
    const { task, steps: total } = this.#options;
    // A part may make many steps: each has its own noise.
    this.#position[0] = step + 1;
    for (const [name, values] of Object.entries(stepScalars(task.optimizer, { step, total }))) {
      f32Buffer(this.updating.base, name).write(values);
    }
  }

  /** The statistics that a part has seen: `share` is its share of those of the batch. */
  #follow(share: Float32Array, rows: number): void {
    const factor = this.#options.batch / rows;
    this.statistics?.restore(share.map((value) => value * factor));
  }

  /** The program of a gradient, with its rows. Elements that no kernel writes are cleared: a damaged value would stay there. */
  protected async prepare(rows: Uint32Array, out: Float32Array): Promise<HostProgram> {
    for (const { offset, end } of this.#options.task.flat.unwritten) out.fill(0, offset, end);
    const gradient = await this.#gradient(rows.length);
    this.#stage(gradient, rows);
    return gradient;
  }

  #stage(gradient: HostProgram, rows: Uint32Array): void {
    gradient.base.buffer("rows").write(this.#source.stage(rows));
    gradient.base.buffer("position").write(this.#position);
  }

  async #gradient(rows: number): Promise<HostProgram> {
    const known = this.#gradients.get(rows);
    if (known) return known;
    const { task, batch, seed } = this.#options;
    const { source, buffers } = this.#source;
    const program = flatGradient(task.flat, { source, batch, rows, seed });
    const bindings = { ...buffers, parameters: this.buffer("parameters") };
    const gradient = await HostProgram.compile(this.device, program, "gradients", bindings);
    this.#gradients.set(rows, gradient);
    return gradient;
  }

  async #stepsOf(batch: number): Promise<TaskSteps> {
    const known = this.#steps.get(batch);
    if (known) return known;
    const { steps: totalSteps, ...options } = this.#options;
    const bindings = Object.fromEntries(this.state.map((name) => [name, this.buffer(name)]));
    const steps = await TaskSteps.open(this.device, this.#source, { ...options, totalSteps, batch }, bindings);
    this.#steps.set(batch, steps);
    return steps;
  }
}
