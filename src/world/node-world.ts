/** The real world: this machine's clock, timers, disk and network. The only place where a run meets them. */
import { NodeDisk } from "./node-disk.js";
import { NodeNetwork } from "./node-network.js";
import type { Clock, Timers, World } from "./world.js";

const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};

const timers: Timers = {
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The world of this process. */
export function nodeWorld(): World {
  return { clock, timers, disk: new NodeDisk(), network: new NodeNetwork() };
}
