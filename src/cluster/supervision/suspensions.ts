/** Suspends nodes for a while, as faults do. */
import type { HostedNode } from "../../transport/host.js";
import type { Timers } from "../../world/world.js";

export class Suspensions {
  readonly #timers: Timers;
  /** Functions that cancel the timers by which nodes are resumed. */
  readonly #resumptions = new Set<() => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  begin(node: HostedNode | undefined, milliseconds: number): void {
    node?.suspend();
    const cancel = this.#timers.after(milliseconds, () => {
      this.#resumptions.delete(cancel);
      node?.resume();
    });
    this.#resumptions.add(cancel);
  }

  /** Cancels all timers: no node is resumed any more. */
  close(): void {
    for (const cancel of this.#resumptions) cancel();
  }
}
