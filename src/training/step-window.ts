/**
 * A window of training steps: one program on a device, and the tables that its steps read. The rows and the rate of a
 * step are functions of its number; the host writes the tables for many steps, and the device runs these steps without
 * further messages.
 */
import { Sampler } from "../data/sampler.js";
import { type Bindings, type Device, type DeviceBuffer, type Executable, f32Buffer } from "../device/device.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { GUARD, stateBuffers, trainingProgram } from "../model/lower.js";
import { type OptimizerConfig, updateRule, writeScalars } from "../optimizer/optimizer.js";
import { rateFactor, type Schedule } from "../optimizer/schedule.js";
import type { Float } from "../program/buffer.js";
import { FIRST_GUARD, type Loss, UPDATE_SCALARS } from "../program/op.js";
import type { Program } from "../program/program.js";
import type { BatchSource } from "./batch-source.js";
import { FiniteCheck } from "./finite-check.js";

/** Steps that one window can hold. */
export const WINDOW = 64;

/** What decides the steps of a run. */
export interface StepOptions {
  readonly device: Device;
  readonly model: Autoencoder;
  readonly batch: number;
  readonly loss: Loss;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Schedule;
  /** Length of the run, for schedules. */
  readonly totalSteps: number;
  readonly clip?: number;
  /** Precision of batches and of the weights multiplied with them; parameters are always f32. Default: f32. */
  readonly precision?: Float;
  readonly seed: number;
  /** Called with the program of a step before it is compiled: the moment to tune the device for it. */
  readonly tune?: (program: Program) => Promise<unknown>;
  /** Whether a step that makes a NaN or an infinity fails with the op that made it. It costs a copy of the state for each window. */
  readonly checkFinite?: boolean;
}

interface WindowOptions extends StepOptions {
  /** With room for `WINDOW` batches. */
  readonly feed: BatchSource;
  /** Rows to draw from. */
  readonly count: number;
  /** Shared buffers of the program: parameters, and others. */
  readonly bindings: Bindings;
  /** Leave out a step whose gradient is not finite, and all later steps of the window: see `GuardOp`. */
  readonly guarded?: boolean;
}

export class StepWindow {
  readonly #options: WindowOptions;
  readonly #executable: Executable;
  readonly #sampler: Sampler;
  readonly #rows: Uint32Array;
  readonly #scalars = new Float32Array(WINDOW * UPDATE_SCALARS);
  readonly #start = Uint32Array.of(0);
  readonly #check: FiniteCheck | undefined;
  /** The windows so far, checked: each begins when the one before it is done. */
  #checked: Promise<unknown> = Promise.resolve();

  static async open(options: WindowOptions): Promise<StepWindow> {
    const { device, model, feed, optimizer, bindings, tune } = options;
    const { source } = feed;
    const rule = updateRule(optimizer);
    const byLayer = device.info.kind === "cpu";
    const program = trainingProgram(model, { ...options, source, rule, window: WINDOW, byLayer });
    await tune?.(program);
    return new StepWindow(options, await device.compile(program, { source: feed.buffer, ...bindings }));
  }

  private constructor(options: WindowOptions, executable: Executable) {
    const { seed, count, batch, checkFinite } = options;
    this.#options = options;
    this.#executable = executable;
    if (checkFinite) this.#check = this.#finiteCheck();
    this.#sampler = new Sampler({ seed, count, batch });
    this.#rows = new Uint32Array(WINDOW * batch);
  }

  /** A buffer of the program. */
  buffer(name: string): DeviceBuffer<"f32"> {
    return f32Buffer(this.#executable, name);
  }

  /** The base rate times the schedule at `step`. */
  learningRate(step: number): number {
    const { optimizer, schedule, totalSteps } = this.#options;
    return optimizer.learningRate * rateFactor(schedule, step, totalSteps);
  }

  /**
   * Enqueues `count` steps, beginning with `first`, in as many windows as needed, and returns at once; resolves with
   * their mean losses, in order. Guarded steps must fit in one window; then it resolves with the losses of the steps
   * that were applied.
   */
  enqueue(first: number, count: number): Promise<Float32Array> {
    const most = this.#options.guarded ? WINDOW : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(count) || count < 1 || count > most) {
      throw new UsageError(`steps to enqueue must be a whole number from 1, got ${count}`);
    }
    if (count <= WINDOW) return this.#enqueueWindow(first, count);
    const windows: Promise<Float32Array>[] = [];
    for (let done = 0; done < count; done += WINDOW) {
      windows.push(this.#enqueueWindow(first + done, Math.min(WINDOW, count - done)));
    }
    return Promise.all(windows).then(joined);
  }

  /**
   * As `enqueue`, but on given rows, those of each step one after the other, instead of the rows of the seed.
   * Guarded, the losses of steps that were left out are missing.
   */
  async enqueueRows(first: number, count: number, rows: Uint32Array): Promise<Float32Array> {
    const { batch } = this.#options;
    if (rows.length !== count * batch) {
      throw new UsageError(`${count} steps on batches of ${batch} take ${count * batch} rows, got ${rows.length}`);
    }
    const windows: Promise<Float32Array>[] = [];
    for (let done = 0; done < count; done += WINDOW) {
      const some = Math.min(WINDOW, count - done);
      windows.push(this.#run(first + done, some, rows.subarray(done * batch, (done + some) * batch)));
    }
    return joined(await Promise.all(windows));
  }

  /** Resolves when the steps that were enqueued are checked, if they are to be. */
  async settled(): Promise<void> {
    await this.#checked.catch(() => undefined);
  }

  #enqueueWindow(first: number, count: number): Promise<Float32Array> {
    const run = () => this.#run(first, count, this.#rowsOf(first, count));
    const check = this.#check;
    if (!check) return run();
    const losses = this.#checked.then(() => check.around(first, count, run));
    this.#checked = losses;
    return losses;
  }

  #finiteCheck(): FiniteCheck {
    const { device, model, optimizer } = this.#options;
    const vectors = ["parameters", "weights", "gradients", ...stateBuffers(updateRule(optimizer))];
    return new FiniteCheck({
      device,
      executable: this.#executable,
      fill: (step) => this.#fill(step, 1, this.#rowsOf(step, 1)),
      layoutOf: (buffer) => (vectors.includes(buffer) ? model.layout : undefined),
    });
  }

  /** The rows of steps, those of each step one after the other. */
  #rowsOf(first: number, count: number): Uint32Array {
    const { batch } = this.#options;
    for (let i = 0; i < count; i++) {
      this.#sampler.rows(first + i, 0, this.#rows.subarray(i * batch, (i + 1) * batch));
    }
    return this.#rows.subarray(0, count * batch);
  }

  #run(first: number, count: number, rows: Uint32Array): Promise<Float32Array> {
    const { guarded } = this.#options;
    this.#fill(first, count, rows);
    if (guarded) this.buffer(GUARD).write(Float32Array.from(FIRST_GUARD));
    this.#executable.run(count);
    const losses = this.buffer("losses").read(0, count);
    return guarded ? letThrough(losses, this.buffer(GUARD).read()) : losses;
  }

  /** Writes the tables of steps. */
  #fill(first: number, count: number, rows: Uint32Array): void {
    const { optimizer, feed } = this.#options;
    const rule = updateRule(optimizer);
    for (let i = 0; i < count; i++) {
      const step = first + i;
      writeScalars(this.#scalars, i * UPDATE_SCALARS, rule, this.learningRate(step), step);
    }
    const executable = this.#executable;
    executable.buffer("rows").write(feed.stage(rows));
    executable.buffer("scalars").write(this.#scalars.subarray(0, count * UPDATE_SCALARS));
    executable.buffer("cursor").write(this.#start);
  }

  destroy(): void {
    this.#executable.destroy();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function letThrough(losses: Promise<Float32Array>, guard: Promise<Float32Array>): Promise<Float32Array> {
  const [all, [, steps]] = await Promise.all([losses, guard]);
  return all.subarray(0, steps);
}
