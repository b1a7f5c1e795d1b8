/**
 * Virtual time: a clock that stands still until it is moved, and its timers. Between two timers everything that follows
 * from the first one (every promise continuation) has run. So events come in the order of their due times and, for
 * equal ones, in the order in which the timers were set: the same on every run.
 */
import type { Clock, Timers } from "../world.js";

/** The date at time 0. */
const EPOCH = Date.UTC(2030, 0, 1);

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** A clock that stands still until `advance` moves it, and the timers by it. */
export class SimulatedTime implements Clock, Timers {
  #now = 0;
  /** Sorted by due time, then by the order in which they were set. */
  #queue: Timer[] = [];

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(EPOCH + this.#now);
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, milliseconds), action };
    const place = this.#queue.findLastIndex((other) => other.due <= timer.due) + 1;
    this.#queue.splice(place, 0, timer);
    return () => {
      this.#queue = this.#queue.filter((other) => other !== timer);
    };
  }

  /** Number of timers that are set: 0 after a run that cleans up. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Moves the clock, running every timer that falls due on the way, those set on the way included. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await continuationsDone();
    while (this.#queue[0] && this.#queue[0].due <= end) {
      const timer = this.#queue.shift() as Timer;
      this.#now = timer.due;
      timer.action();
      await continuationsDone();
    }
    this.#now = end;
  }
}

/** Promise continuations all run before the event loop turns. */
function continuationsDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
