/**
 * Simulates the coordinator's link for vectors. Vectors lie in memory that all nodes share and are never sent, so the messages
 * about them are delayed instead. All vectors of a round go to the coordinator or come from it, so its link limits them: one direction
 * carries contributions, the other their sums and snapshots.
 */
import type { Link } from "../../transport/link.js";
import type { Clock, Timers } from "../../world/world.js";

interface TrafficOptions {
  /** Default: vectors take no time. */
  readonly link?: Link;
  readonly clock: Pick<Clock, "now">;
  readonly timers: Timers;
}

export class VectorTraffic {
  readonly #options: TrafficOptions;
  /** The time at which each direction has carried all its vectors. */
  readonly #free = { in: 0, out: 0 };
  /** The time of the last message to each worker. A later message waits for it. */
  readonly #last = new Map<number, number>();
  /** The contributions of this round that the link has carried, or is carrying. */
  #known = new Set<string>();
  #round = -1;
  readonly #cancels = new Set<() => void>();

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Calls `then` once the link has carried a contribution. A repeated message about it does nothing. */
  receive(round: number, name: string, bytes: number, then: () => void): void {
    if (!this.#options.link) {
      then();
      return;
    }
    if (round !== this.#round) this.#known = new Set();
    this.#round = round;
    if (this.#known.has(name)) return;
    this.#known.add(name);
    this.#at(this.#carried("in", bytes), then);
  }

  /** Calls `then` once the link has carried `bytes` to a worker, and after all earlier calls for that worker. */
  send(worker: number, bytes: number, then: () => void): void {
    if (!this.#options.link) {
      then();
      return;
    }
    const own = bytes > 0 ? this.#carried("out", bytes) : this.#now;
    const at = Math.max(own, this.#last.get(worker) ?? 0);
    this.#last.set(worker, at);
    this.#at(at, then);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
  }

  /** Adds `bytes` to what a direction carries. Returns the time at which it has carried them. */
  #carried(way: "in" | "out", bytes: number): number {
    const { bytesPerSecond } = this.#options.link as Link;
    this.#free[way] = Math.max(this.#now, this.#free[way]) + (1000 * bytes) / bytesPerSecond;
    return this.#free[way];
  }

  #at(time: number, then: () => void): void {
    const wait = time - this.#now;
    if (wait <= 0) {
      then();
      return;
    }
    const cancel = this.#options.timers.after(wait, () => {
      this.#cancels.delete(cancel);
      then();
    });
    this.#cancels.add(cancel);
  }

  get #now(): number {
    return this.#options.clock.now();
  }
}
