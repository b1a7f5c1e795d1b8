/**
 * The world in memory: virtual time, a seeded scheduler, a disk and a network that fail on request. With it a test replays a whole run,
 * power cuts included, from a seed.
 */
import { SimulatedDisk } from "./simulated-disk.js";
import { SimulatedNetwork } from "./simulated-network.js";
import { SimulatedScheduler } from "./simulated-scheduler.js";
import { SimulatedTime } from "./simulated-time.js";
import type { World } from "./world.js";

export class SimulatedWorld implements World {
  readonly seed: number;
  readonly time = new SimulatedTime();
  readonly clock = this.time;
  readonly timers = this.time;
  readonly scheduler: SimulatedScheduler;
  readonly disk = new SimulatedDisk();
  readonly network = new SimulatedNetwork();

  /** @param seed decides the order in which tasks run that could run at the same moment */
  constructor(seed = 0) {
    this.seed = seed;
    this.scheduler = new SimulatedScheduler(seed, this.clock);
  }
}
