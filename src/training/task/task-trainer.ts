/** Trains a task on one device: as `Trainer` does a plain autoencoder, with the same state in checkpoints. */
import type { Dataset } from "../../data/dataset.js";
import { Sampler } from "../../data/sampler.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { chainRate, chainState } from "../../optimizer/chain-ops.js";
import { checkState } from "../check-state.js";
import type { Evaluation } from "../evaluate.js";
import { FiniteCheck } from "../finite-check.js";
import type { TrainerState } from "../trainer.js";
import type { Task } from "./task.js";
import { TaskEvaluation } from "./task-evaluation.js";
import { TaskSource } from "./task-source.js";
import { type TaskStepOptions, TaskSteps } from "./task-steps.js";

interface TaskTrainerOptions extends TaskStepOptions {
  readonly task: Task;
  readonly device: Device;
  /** With the targets of the task. */
  readonly dataset: Pick<Dataset, "train" | "test">;
  /** Whether to look for a NaN or an infinity after each window of steps, and to name the op that made it. */
  readonly checkFinite?: boolean;
}

export class TaskTrainer {
  readonly parameters: DeviceBuffer<"f32">;
  readonly #options: TaskTrainerOptions;
  readonly #source: TaskSource;
  readonly #steps: TaskSteps;
  readonly #sampler: Sampler;
  readonly #check: FiniteCheck | undefined;
  /** The windows so far, checked: each begins when the one before it is done. */
  #checked: Promise<unknown> = Promise.resolve();
  #evaluation: TaskEvaluation | undefined;
  #step = 0;

  static async create(options: TaskTrainerOptions): Promise<TaskTrainer> {
    const { device, task, dataset, batch, seed } = options;
    const source = TaskSource.open(device, task, dataset.train, batch);
    const parameters = device.createBuffer("f32", task.network.layout.length, "parameters");
    try {
      const steps = await TaskSteps.open(device, source, options, { parameters });
      parameters.write(task.network.initialParameters(seed));
      return new TaskTrainer(options, source, steps, parameters);
    } catch (error) {
      parameters.destroy();
      source.destroy();
      throw error;
    }
  }

  private constructor(
    options: TaskTrainerOptions,
    source: TaskSource,
    steps: TaskSteps,
    parameters: DeviceBuffer<"f32">,
  ) {
    const { seed, dataset, batch, device, checkFinite, task } = options;
    this.#options = options;
    this.#source = source;
    this.#steps = steps;
    this.parameters = parameters;
    this.#sampler = new Sampler({ seed, count: dataset.train.count, batch });
    if (!checkFinite) return;
    const { executable } = steps;
    const fill = (step: number): void => steps.fill(step, this.#sampler.rows(step));
    const layoutOf = (buffer: string) =>
      ["parameters", "gradients"].includes(buffer) ? task.network.layout : undefined;
    this.#check = new FiniteCheck({ device, executable, fill, layoutOf });
  }

  /** Steps enqueued so far. */
  get step(): number {
    return this.#step;
  }

  learningRate(step: number): number {
    const { task, totalSteps: total } = this.#options;
    return chainRate(task.optimizer, { step, total });
  }

  /** Enqueues the next steps and returns at once; resolves with their losses. */
  async enqueue(count: number): Promise<Float32Array> {
    const first = this.#step;
    this.#step += count;
    const check = this.#check;
    if (!check) return this.#enqueue(first, count);
    const losses = this.#checked.then(() => check.around(first, count, () => this.#enqueue(first, count)));
    this.#checked = losses;
    return losses;
  }

  #enqueue(first: number, count: number): Promise<Float32Array> {
    const { batch } = this.#options;
    const rows = new Uint32Array(count * batch);
    for (let i = 0; i < count; i++) this.#sampler.rows(first + i, undefined, rows.subarray(i * batch, (i + 1) * batch));
    return this.#steps.enqueue(first, count, rows);
  }

  /** A copy of the state after everything enqueued so far. */
  async state(): Promise<TrainerState> {
    await this.#checked.catch(() => undefined);
    const step = this.#step;
    const names = chainState(this.#options.task.optimizer);
    const buffers = [this.parameters, ...names.map((name) => this.#slot(name))];
    const [parameters, ...slots] = await Promise.all(buffers.map((buffer) => this.#whole(buffer)));
    return { step, parameters, optimizer: Object.fromEntries(names.map((name, i) => [name, slots[i]])) };
  }

  restore(state: TrainerState): void {
    const { length } = this.parameters;
    const names = chainState(this.#options.task.optimizer);
    checkState(state, length, new Map(names.map((name) => [name, length])));
    this.parameters.write(state.parameters);
    for (const name of names) {
      const slot = this.#slot(name);
      slot.write(state.optimizer[name].subarray(0, slot.length));
    }
    this.#step = state.step;
  }

  /** The errors after everything enqueued so far. */
  async evaluate(): Promise<Evaluation> {
    const { device, task, dataset } = this.#options;
    await this.#checked.catch(() => undefined);
    this.#evaluation ??= await TaskEvaluation.open(device, task, dataset);
    return this.#evaluation.run(await this.parameters.read());
  }

  destroy(): void {
    this.#evaluation?.[Symbol.dispose]();
    this.#steps.destroy();
    this.parameters.destroy();
    this.#source.destroy();
  }

  #slot(name: string): DeviceBuffer<"f32"> {
    return this.#steps.executable.buffer(name, "f32");
  }

  /** As long as the flat vector: the optimizer keeps nothing about statistics. */
  async #whole(buffer: DeviceBuffer<"f32">): Promise<Float32Array> {
    const vector = new Float32Array(this.parameters.length);
    await buffer.readInto(vector.subarray(0, buffer.length));
    return vector;
  }
}
