/** Nodes that are suspended on purpose, for a while. */
import type { HostedNode } from "../../transport/host.js";
import type { Timers } from "../../world/world.js";

export class Suspensions {
  readonly #timers: Timers;
  /** Cancel the timers that resume nodes. */
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

  /** No node is resumed any more. */
  close(): void {
    for (const cancel of this.#resumptions) cancel();
  }
}
