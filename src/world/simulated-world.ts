/**
 * The world in memory: virtual time, a disk and a network that fail on request. With it a test replays a whole run,
 * power cuts included, from a seed.
 */
import { SimulatedDisk } from "./simulated-disk.js";
import { SimulatedNetwork } from "./simulated-network.js";
import { SimulatedTime } from "./simulated-time.js";
import type { World } from "./world.js";

export class SimulatedWorld implements World {
  readonly time = new SimulatedTime();
  readonly clock = this.time;
  readonly timers = this.time;
  readonly disk = new SimulatedDisk();
  readonly network = new SimulatedNetwork();
}
