/** Nodes of one simulated world, linked by a memory network. */
import { ActorSystem } from "../../src/actor/system.js";
import { type LinkFaults, MemoryNetwork } from "../../src/transport/memory/network.js";
import { Node } from "../../src/transport/node.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";

export const HEARTBEAT = 10;
export const TIMEOUT = 50;

export class Cluster {
  readonly network: MemoryNetwork;
  readonly #world: SimulatedWorld;
  #incarnations = 0;

  constructor(world: SimulatedWorld, faults: Partial<LinkFaults> = {}) {
    this.#world = world;
    this.network = new MemoryNetwork(world, world.seed, faults);
  }

  /** Starts a node of that name. An earlier node of the name is gone, without a message to any other. */
  join(name: string, times = { heartbeat: HEARTBEAT, timeout: TIMEOUT }) {
    const system = new ActorSystem({
      onFailure: () => undefined,
      world: this.#world,
      node: name,
      incarnation: ++this.#incarnations,
      seed: this.#world.seed,
    });
    const node = new Node(system, this.network.join(name), times);
    return { system, node };
  }
}
