/**
 * The world in memory: virtual time, a seeded scheduler, a disk and a network that fail on request. A test replays a
 * whole run, power cuts included, from a seed.
 */

import { Random } from "../random.js";
import type { Secrets, World } from "../world.js";
import { SimulatedDisk } from "./disk.js";
import { SimulatedNetwork } from "./network.js";
import { SimulatedScheduler } from "./scheduler.js";
import { SimulatedTime } from "./time.js";

/** A word in the seed of keys, which here are known. */
const KEYS = 0x6b657973;

/**
 * A world without a machine: see `simulate`.
 * @example
 * ```ts
 * import { SimulatedWorld } from "dawnpour/actors";
 *
 * const world = new SimulatedWorld(7);
 * world.timers.after(3_600_000, () => console.log(world.clock.now())); // 3600000
 * await world.time.advance(3_600_000);
 * ```
 */
export class SimulatedWorld implements World {
  readonly seed: number;
  readonly time = new SimulatedTime();
  readonly clock = this.time;
  readonly timers = this.time;
  readonly scheduler: SimulatedScheduler;
  readonly disk = new SimulatedDisk();
  readonly network = new SimulatedNetwork();
  readonly secrets: Secrets;

  /**
   * A world at time 0, with an empty disk.
   * @param seed decides the order of tasks that could run at the same moment
   */
  constructor(seed = 0) {
    this.seed = seed;
    const random = new Random(seed, KEYS);
    this.secrets = { bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)) };
    this.scheduler = new SimulatedScheduler(seed, this.clock);
  }
}
