/**
 * The coordinator's link, for vectors. They lie in memory that all nodes share, so their messages take the time that the vectors
 * would. All vectors of a round go to the coordinator and come from it, so its link is the one that limits them: one direction
 * for contributions, the other for their sums and for snapshots.
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
  /** When each direction has carried what it was given. */
  readonly #free = { in: 0, out: 0 };
  /** When the last message to each worker is sent: later ones do not overtake it. */
  readonly #last = new Map<number, number>();
  /** The contributions of this round that have come, or are on their way. */
  #known = new Set<string>();
  #round = -1;
  readonly #cancels = new Set<() => void>();

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  /** Calls `then` once a contribution has come in. One that is told of again is not carried again. */
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

  /** Calls `then` once the link has carried `bytes` to a worker, and not before what it was sent earlier. */
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

  /** When `bytes` more are carried. */
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
