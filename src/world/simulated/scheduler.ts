/**
 * The scheduler as an adversary with a seed: of the tasks that could run, a random one does, one piece of work at a time.
 * So a seed is one interleaving, and the same seed is the same one again.
 */
import { Random } from "../random.js";
import type { Clock, Scheduler } from "../world.js";

/** More at one moment of virtual time is a program that keeps itself busy for ever. */
const TASKS_PER_MOMENT = 1_000_000;

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
    // Each task in a microtask of its own: what promises set off runs between them.
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
