/**
 * The scheduler as an adversary with a seed: it runs a random one of the runnable tasks, one item of work at a time. A
 * seed is one interleaving, and the same seed repeats it.
 */
import { Random } from "../random.js";
import type { Clock, Scheduler } from "../world.js";

/** More tasks at one moment of virtual time mean a program that keeps itself busy for ever. */
const TASKS_PER_MOMENT = 1_000_000;

/** Runs tasks in virtual time. Of tasks that could run at the same moment the seed decides the order. */
export class SimulatedScheduler implements Scheduler {
  readonly batch = 1;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tasks: (() => void)[] = [];
  #moment = 0;
  #ran = 0;

  constructor(seed: number, clock: Clock) {
    this.#random = new Random(seed);
    this.#clock = clock;
  }

  schedule(task: () => void): void {
    this.#tasks.push(task);
    // Each task has a microtask of its own: continuations of promises run between tasks.
    queueMicrotask(this.#runOne);
  }

  readonly #runOne = (): void => {
    this.#count();
    const place = this.#random.below(this.#tasks.length);
    const task = this.#tasks[place];
    this.#tasks[place] = this.#tasks[this.#tasks.length - 1];
    this.#tasks.pop();
    task();
  };

  #count(): void {
    const now = this.#clock.now();
    this.#ran = now === this.#moment ? this.#ran + 1 : 1;
    this.#moment = now;
    if (this.#ran > TASKS_PER_MOMENT) {
      throw new Error(`the simulation stands still: ${TASKS_PER_MOMENT} tasks ran at ${now} ms of virtual time`);
    }
  }
}
