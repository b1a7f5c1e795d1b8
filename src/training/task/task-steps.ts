/**
 * Whole steps of a task on one device: a program, and what the host writes for each step. The rows and the rate of a step, and its
 * noise, are functions of its number.
 */
import type { Bindings, Device, Executable } from "../../device/device.js";
import { flatStep } from "../../model/flat-model.js";
import { stepScalars } from "../../optimizer/chain-ops.js";
import type { Program } from "../../program/program.js";
import type { Task } from "./task.js";
import type { TaskSource } from "./task-source.js";

/** What decides the steps of a run. */
export interface TaskStepOptions {
  readonly task: Pick<Task, "flat" | "optimizer">;
  readonly batch: number;
  /** Of the whole run, for schedules. */
  readonly totalSteps: number;
  /** Of noise. */
  readonly seed: number;
  /** Called with the program before it is compiled. */
  readonly tune?: (program: Program) => Promise<unknown>;
}

export class TaskSteps {
  readonly #options: TaskStepOptions;
  readonly #source: TaskSource;
  readonly #executable: Executable;

  /** @param bindings shared buffers: the parameters, and the state of the optimizer */
  static async open(
    device: Device,
    source: TaskSource,
    options: TaskStepOptions,
    bindings: Bindings,
  ): Promise<TaskSteps> {
    const { task, tune } = options;
    const program = flatStep(task.flat, { ...options, source: source.source, optimizer: task.optimizer });
    await tune?.(program);
    return new TaskSteps(options, source, await device.compile(program, { ...source.buffers, ...bindings }));
  }

  private constructor(options: TaskStepOptions, source: TaskSource, executable: Executable) {
    this.#options = options;
    this.#source = source;
    this.#executable = executable;
  }

  /** The program, with all its buffers. */
  get executable(): Executable {
    return this.#executable;
  }

  /**
   * Enqueues `count` steps, the first of them number `first`, and returns at once; resolves with their losses.
   * @param rows those of all steps, one after the other
   * @param place of the first row in the whole batch, of which the rows of a step may be a part
   */
  enqueue(first: number, count: number, rows: Uint32Array, place = 0): Promise<Float32Array> {
    const { batch } = this.#options;
    const losses = Array.from({ length: count }, (_, i) => {
      this.fill(first + i, rows.subarray(i * batch, (i + 1) * batch), place);
      this.#executable.run();
      return this.#executable.buffer("total", "f32").read();
    });
    return Promise.all(losses).then((read) => Float32Array.from(read, ([loss]) => loss));
  }

  /** Writes what a step reads from the host. @param rows of the step */
  fill(step: number, rows: Uint32Array, place = 0): void {
    const { task, totalSteps: total } = this.#options;
    this.#executable.buffer("rows", "u32").write(this.#source.stage(rows));
    this.#executable.buffer("position", "u32").write(Uint32Array.of(step, place));
    for (const [name, values] of Object.entries(stepScalars(task.optimizer, { step, total }))) {
      this.#executable.buffer(name, "f32").write(values);
    }
  }

  destroy(): void {
    this.#executable.destroy();
  }
}
