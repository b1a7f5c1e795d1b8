/**
 * The single-device trainer: the smallest complete use of the floors below. It turns step numbers into enqueued work and
 * nothing else; what to do between steps (reports, checkpoints, when to stop) is the caller's loop.
 *
 * Its whole state is (step, parameters, optimizer state and loss scale): which rows a step reads, and at what rate, are functions of
 * the step number. So a trainer that is given back those three goes on bit for bit.
 */
import type { Split } from "../data/dataset.js";
import { Sampler } from "../data/sampler.js";
import { type Device, type DeviceBuffer, type Executable, f32Buffer } from "../device/device.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { LOSS_SCALE, stateBuffers, trainingProgram } from "../model/lower.js";
import { type OptimizerConfig, updateRule, writeScalars } from "../optimizer/optimizer.js";
import { rateFactor, type Schedule } from "../optimizer/schedule.js";
import type { Float } from "../program/buffer.js";
import { FIRST_LOSS_SCALE, type Loss, UPDATE_SCALARS } from "../program/op.js";
import type { Program } from "../program/program.js";
import { type Feed, openFeed } from "./feed.js";

/** Steps that one `enqueue` can hold. */
export const WINDOW = 64;

/** All that decides what a trainer computes. */
export interface TrainerOptions {
  readonly device: Device;
  readonly model: Autoencoder;
  readonly split: Split;
  readonly batch: number;
  readonly loss: Loss;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Schedule;
  /** Length of the run, for schedules that depend on it. */
  readonly totalSteps: number;
  readonly clip?: number;
  /** Of batches and the weights they meet; parameters are f32 always. Default: f32. */
  readonly precision?: Float;
  readonly seed: number;
  /** Is given the program of a step before it is compiled: the moment to tune the device for it. */
  readonly tune?: (program: Program) => Promise<unknown>;
}

/** Flat vectors: one of parameters, one for each slot of the optimizer's state; in mixed precision, the loss scale's. */
export interface TrainerState {
  readonly step: number;
  readonly parameters: Float32Array;
  readonly optimizer: Readonly<Record<string, Float32Array>>;
}

/** Trains one model on one split on one device, a window of steps at a time. */
export class Trainer {
  readonly #options: TrainerOptions;
  readonly #executable: Executable;
  readonly #parameters: DeviceBuffer<"f32">;
  readonly #feed: Feed;
  readonly #sampler: Sampler;
  readonly #slots: readonly string[];
  readonly #rows: Uint32Array;
  readonly #scalars = new Float32Array(WINDOW * UPDATE_SCALARS);
  readonly #start = Uint32Array.of(0);
  #step = 0;

  /** A trainer at step 0, with the initial parameters of the seed. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { device, model, split, batch, seed } = options;
    if (split.features !== model.inputSize) {
      throw new UsageError(`the model takes ${model.inputSize} values an image, the data has ${split.features}`);
    }
    const rule = updateRule(options.optimizer);
    const feed = openFeed(device, split, WINDOW * batch);
    let parameters: DeviceBuffer<"f32"> | undefined;
    try {
      const program = trainingProgram(model, { ...options, source: feed.source, rule, window: WINDOW });
      await options.tune?.(program);
      parameters = device.createBuffer("f32", model.layout.length, "parameters");
      const executable = await device.compile(program, { source: feed.buffer, parameters });
      parameters.write(model.initialParameters(seed));
      const slots = stateBuffers(rule);
      if (options.precision === "f16") {
        executable.buffer(LOSS_SCALE).write(Float32Array.from(FIRST_LOSS_SCALE));
        slots.push(LOSS_SCALE);
      }
      return new Trainer(options, executable, parameters, feed, slots);
    } catch (error) {
      parameters?.destroy();
      feed.destroy();
      throw error;
    }
  }

  private constructor(
    options: TrainerOptions,
    executable: Executable,
    parameters: DeviceBuffer<"f32">,
    feed: Feed,
    slots: readonly string[],
  ) {
    this.#options = options;
    this.#executable = executable;
    this.#parameters = parameters;
    this.#feed = feed;
    this.#slots = slots;
    this.#sampler = new Sampler({ seed: options.seed, count: options.split.count, batch: options.batch });
    this.#rows = new Uint32Array(WINDOW * options.batch);
  }

  /** Steps enqueued so far. */
  get step(): number {
    return this.#step;
  }

  /** The flat vector on the device; bind it to other programs to evaluate or encode with it. */
  get parameters(): DeviceBuffer<"f32"> {
    return this.#parameters;
  }

  /** The base rate times the schedule at `step`. */
  learningRate(step: number): number {
    const { optimizer, schedule, totalSteps } = this.#options;
    return optimizer.learningRate * rateFactor(schedule, step, totalSteps);
  }

  /**
   * Enqueues the next `count` steps (at most `WINDOW`) and returns at once; resolves with their mean losses, in order.
   * Enqueue the next window before awaiting this one, and the device never waits for the host.
   */
  enqueue(count: number): Promise<Float32Array> {
    const { batch, optimizer } = this.#options;
    const rule = updateRule(optimizer);
    for (let i = 0; i < count; i++) {
      const step = this.#step + i;
      this.#sampler.rows(step, 0, this.#rows.subarray(i * batch, (i + 1) * batch));
      writeScalars(this.#scalars, i * UPDATE_SCALARS, rule, this.learningRate(step), step);
    }
    const executable = this.#executable;
    executable.buffer("rows").write(this.#feed.stage(this.#rows.subarray(0, count * batch)));
    executable.buffer("scalars").write(this.#scalars.subarray(0, count * UPDATE_SCALARS));
    executable.buffer("cursor").write(this.#start);
    executable.run(count);
    this.#step += count;
    return f32Buffer(executable, "losses").read(0, count);
  }

  /** A copy of the state after everything enqueued so far. */
  async state(): Promise<TrainerState> {
    const step = this.#step;
    const reads = this.#slots.map((name) => f32Buffer(this.#executable, name).read());
    const parameters = await this.#parameters.read();
    const optimizer: Record<string, Float32Array> = {};
    for (const [i, name] of this.#slots.entries()) optimizer[name] = await reads[i];
    return { step, parameters, optimizer };
  }

  /** Goes on from `state`, which a trainer of the same options gave. */
  restore(state: TrainerState): void {
    this.#parameters.write(state.parameters);
    for (const name of this.#slots) this.#executable.buffer(name).write(state.optimizer[name]);
    this.#step = state.step;
  }

  /** Frees the device memory of the trainer, the parameters included; the device stays. */
  destroy(): void {
    this.#executable.destroy();
    this.#parameters.destroy();
    this.#feed.destroy();
  }
}
