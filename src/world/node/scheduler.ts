/**
 * Tasks on the event loop of this process, in the order in which they were scheduled. A microtask empties the queue,
 * which costs no turn of the event loop; after `SHARE` milliseconds within one turn the rest waits for the next turn,
 * so that timers and input are served.
 */
import type { Scheduler } from "../world.js";

/** Milliseconds of each turn of the event loop that tasks may take. */
const SHARE = 2;

export class NodeScheduler implements Scheduler {
  readonly batch = 32;
  #queue: (() => void)[] = [];
  #armed = false;
  /** When the share of this turn is used up; undefined before its first task. */
  #until: number | undefined;

  schedule(task: () => void): void {
    this.#queue.push(task);
    if (!this.#armed) {
      this.#arm();
    }
  }

  /** Schedules the emptying of the queue: in this turn if there is time left, else in the next. */
  #arm(): void {
    this.#armed = true;
    if (this.#until === undefined) {
      this.#until = performance.now() + SHARE;
      setImmediate(this.#nextTurn);
    }
    if (performance.now() < this.#until) {
      queueMicrotask(this.#drain);
    }
  }

  readonly #nextTurn = (): void => {
    this.#until = undefined;
    if (this.#queue.length > 0) {
      this.#arm();
    }
  };

  readonly #drain = (): void => {
    const queue = this.#queue;
    const until = this.#until as number;
    let done = 0;
    try {
      do {
        queue[done++]();
      } while (done < queue.length && performance.now() < until);
    } finally {
      // Also when a task throws: the others must not wait for ever.
      this.#queue = queue.slice(done);
      this.#armed = false;
      if (this.#queue.length > 0) {
        this.#arm();
      }
    }
  };
}
