/**
 * Tasks on the event loop of this process, in the order in which they were scheduled. The queue is emptied in a
 * microtask, which costs no turn of the event loop; but after so many tasks within one turn the rest waits for the next,
 * so that timers and input are never shut out.
 */
import type { Scheduler } from "./world.js";

const TASKS_PER_TURN = 256;

export class NodeScheduler implements Scheduler {
  readonly batch = 64;
  #queue: (() => void)[] = [];
  #armed = false;
  /** Tasks that may still run in this turn of the event loop. */
  #left = TASKS_PER_TURN;

  schedule(task: () => void): void {
    this.#queue.push(task);
    if (!this.#armed) {
      this.#arm();
    }
  }

  /** Sees to it that the queue is emptied: in this turn if there are tasks left in it, else in the next. */
  #arm(): void {
    this.#armed = true;
    if (this.#left === TASKS_PER_TURN) {
      setImmediate(this.#nextTurn);
    }
    if (this.#left > 0) {
      queueMicrotask(this.#drain);
    }
  }

  readonly #nextTurn = (): void => {
    this.#left = TASKS_PER_TURN;
    if (this.#queue.length > 0) {
      this.#arm();
    }
  };

  readonly #drain = (): void => {
    const queue = this.#queue;
    let done = 0;
    try {
      while (done < queue.length && this.#left > 0) {
        this.#left--;
        queue[done++]();
      }
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
