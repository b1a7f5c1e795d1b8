/** The real world: clock, timers, event loop, disk and network of this machine. A run meets them only here. */

import { randomBytes } from "node:crypto";
import type { Clock, Secrets, Timers, World } from "../world.js";
import { NodeDisk } from "./disk.js";
import { NodeNetwork } from "./network.js";
import { NodeScheduler } from "./scheduler.js";

const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};

const secrets: Secrets = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** Milliseconds; Node treats a longer timer as one of one millisecond. */
const LONGEST_TIMER = 2 ** 31 - 1;

const timers: Timers = {
  after(milliseconds, action) {
    if (milliseconds > LONGEST_TIMER) return afterAll(milliseconds, action);
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** A time beyond the longest timer takes several timers; an infinite time takes none. */
function afterAll(milliseconds: number, action: () => void): () => void {
  if (milliseconds === Number.POSITIVE_INFINITY) return () => undefined;
  let cancel = timers.after(LONGEST_TIMER, () => {
    cancel = timers.after(milliseconds - LONGEST_TIMER, action);
  });
  return () => cancel();
}

/**
 * The world of this process.
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 *
 * const { clock, timers } = nodeWorld();
 * const start = clock.now();
 * await new Promise<void>((resolve) => timers.after(5, resolve));
 * console.log(clock.now() > start); // true
 * ```
 */
export function nodeWorld(): World {
  return { clock, timers, scheduler: new NodeScheduler(), disk: new NodeDisk(), network: new NodeNetwork(), secrets };
}
