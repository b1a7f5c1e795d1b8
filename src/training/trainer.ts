/**
 * The single-device trainer: the smallest complete use of the folders below. It turns step numbers into enqueued work;
 * the caller's loop decides about reports, checkpoints and the end.
 *
 * Its whole state is (step, parameters, optimizer state and loss scale): the rows and the rate of a step are functions
 * of the step number. So a trainer with a restored state goes on bit for bit.
 */
import type { Split } from "../data/dataset.js";
import type { DeviceBuffer } from "../device/device.js";
import { DawnpourError, UsageError } from "../error.js";
import { LOSS_SCALE, stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { FIRST_LOSS_SCALE } from "../program/op.js";
import { type BatchSource, openBatchSource } from "./batch-source.js";
import { checkState } from "./check-state.js";
import { type StepOptions, StepWindow, WINDOW } from "./step-window.js";

/** Everything that decides what a trainer computes. */
export interface TrainerOptions extends StepOptions {
  readonly split: Split;
}

/** Flat vectors: the parameters, one for each slot of the optimizer's state and, in mixed precision, the loss scale. */
export interface TrainerState {
  readonly step: number;
  readonly parameters: Float32Array;
  readonly optimizer: Readonly<Record<string, Float32Array>>;
}

const KEYS: Keys<TrainerOptions> = {
  device: true,
  model: true,
  split: true,
  batch: true,
  loss: true,
  optimizer: true,
  schedule: true,
  totalSteps: true,
  clip: true,
  precision: true,
  seed: true,
  tune: true,
  checkFinite: true,
};

/**
 * Trains one model on one split on one device, a window of steps at a time.
 * @example
 * ```ts
 * import { Autoencoder, DEFAULT_SCHEDULE, data, defaultOptimizer, evaluate, openDevice, Trainer } from "dawnpour";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const { train, test } = data.digitsDataset({ count: 300 });
 * const model = new Autoencoder({
 *   layers: [784, 32, 8],
 *   activation: "relu",
 *   codeActivation: "linear",
 *   outputActivation: "sigmoid",
 *   initialiser: "glorot",
 * });
 * const optimizer = defaultOptimizer("adam");
 * const run = { batch: 50, loss: "bce", optimizer, schedule: DEFAULT_SCHEDULE, totalSteps: 60, seed: 0 } as const;
 * await using trainer = await Trainer.create({ device, model, split: train, ...run });
 * const losses = await trainer.enqueue(60);
 * console.log(losses[59] < losses[0] / 2); // true
 * const { sse } = await evaluate(device, model, test, trainer.parameters);
 * console.log(sse < 60); // true
 * ```
 */
export class Trainer {
  readonly #window: StepWindow;
  readonly #parameters: DeviceBuffer<"f32">;
  readonly #feed: BatchSource;
  readonly #slots: readonly string[];
  #step = 0;
  #destroyed = false;

  /** A trainer at step 0, with the initial parameters of the seed. */
  static async create(options: TrainerOptions): Promise<Trainer> {
    refuseUnknownKeys(options, KEYS, "options of a trainer");
    const { device, model, split, batch, seed } = options;
    if (split.features !== model.inputSize) {
      throw new UsageError(`the model takes ${model.inputSize} values an image, the data has ${split.features}`);
    }
    const feed = openBatchSource(device, split, WINDOW * batch);
    let parameters: DeviceBuffer<"f32"> | undefined;
    try {
      parameters = device.createBuffer("f32", model.layout.length, "parameters");
      const window = await StepWindow.open({ ...options, feed, count: split.count, bindings: { parameters } });
      parameters.write(model.initialParameters(seed));
      const slots = stateBuffers(updateRule(options.optimizer));
      if (options.precision === "f16") {
        window.buffer(LOSS_SCALE).write(Float32Array.from(FIRST_LOSS_SCALE));
        slots.push(LOSS_SCALE);
      }
      return new Trainer(window, parameters, feed, slots);
    } catch (error) {
      parameters?.destroy();
      feed.destroy();
      throw error;
    }
  }

  private constructor(
    window: StepWindow,
    parameters: DeviceBuffer<"f32">,
    feed: BatchSource,
    slots: readonly string[],
  ) {
    this.#window = window;
    this.#parameters = parameters;
    this.#feed = feed;
    this.#slots = slots;
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
    return this.#window.learningRate(step);
  }

  /**
   * Enqueues the next `count` steps and returns at once; resolves with their mean losses, in order. A device takes
   * `WINDOW` steps at a time; more steps are several windows. Enqueue the next window before awaiting this one: then
   * the device never waits for the host.
   */
  async enqueue(count: number): Promise<Float32Array> {
    this.#checkThere();
    const losses = this.#window.enqueue(this.#step, count);
    this.#step += count;
    return losses;
  }

  /** A copy of the state after everything enqueued so far. */
  async state(): Promise<TrainerState> {
    this.#checkThere();
    const step = this.#step;
    await this.#window.settled();
    const buffers = [this.#parameters, ...this.#slots.map((name) => this.#window.buffer(name))];
    // All at once: on a lost device every read fails, and an unhandled rejection would end the process.
    const [parameters, ...slots] = await Promise.all(buffers.map((buffer) => buffer.read()));
    return { step, parameters, optimizer: Object.fromEntries(this.#slots.map((name, i) => [name, slots[i]])) };
  }

  /** Goes on from `state`, which a trainer of the same options returned. */
  restore(state: TrainerState): void {
    this.#checkThere();
    const slots = this.#slots.map((name): [string, number] => [name, this.#window.buffer(name).length]);
    checkState(state, this.#parameters.length, new Map(slots));
    this.#parameters.write(state.parameters);
    for (const name of this.#slots) this.#window.buffer(name).write(state.optimizer[name]);
    this.#step = state.step;
  }

  /** Frees the device memory of the trainer, the parameters included; the device stays. */
  destroy(): void {
    this.#destroyed = true;
    this.#window.destroy();
    this.#parameters.destroy();
    this.#feed.destroy();
  }

  /** As `destroy`, at the end of a block that begins with `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** As `destroy`, at the end of a block that begins with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
  }

  #checkThere(): void {
    if (this.#destroyed) throw new DawnpourError("the trainer was destroyed: create another to go on");
  }
}
