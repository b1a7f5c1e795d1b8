/** The nodes of a cluster: each is an actor system with one actor that other nodes find by name. */

import type { Start } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import type { Supervision } from "../../actor/supervision.js";
import { ActorSystem } from "../../actor/system.js";
import { COORDINATOR, MAIN, workerName } from "../../placement/names.js";
import { StrategyError } from "../../strategies/rounds/guarded.js";
import { Node, type NodeOptions } from "../../transport/node.js";
import type { Transport } from "../../transport/transport.js";
import type { World } from "../../world/world.js";
import type { ToJournal } from "../journal/journal-protocol.js";
import type { ToCoordinator, ToWorker } from "../protocol.js";

export interface NodeDependencies {
  readonly world: Pick<World, "clock" | "timers" | "scheduler">;
  readonly name: string;
  readonly incarnation: number;
  readonly transport: Transport;
  readonly times?: NodeOptions;
  /** Makes what brings the vectors that a message names to this machine, before the message is delivered. */
  readonly courier?: (addresses: Addresses) => NonNullable<NodeOptions["arriving"]>;
}

/** Restarts of an actor within its process. More of them end the process. */
const SUPERVISION: Supervision = { intensity: 5, period: 60_000, backoff: { least: 5, most: 1000, jitter: 0.2 } };

/** Refs by which nodes find one another. */
export class Addresses {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  get journal(): Ref<ToJournal> {
    return this.#node.at(MAIN, "/journal");
  }

  get coordinator(): Ref<ToCoordinator> {
    return this.#node.at(COORDINATOR, "/coordinator");
  }

  worker(index: number): Ref<ToWorker> {
    return this.#node.at(workerName(index), "/worker");
  }

  /** Another actor, of whose messages this folder knows nothing. */
  at<M>(node: string, path: string): Ref<M> {
    return this.#node.at(node, path);
  }

  /**
   * A stage of a pipeline. Its messages are those of the pipeline's protocol, which this folder does not know.
   *
   * @param name of the node
   */
  stage<M>(name: string): Ref<M> {
    return this.#node.at(name, "/stage");
  }
}

/**
 * Starts a node with one actor under its root.
 *
 * @param make the actor; it finds other nodes by `addresses`
 */
export function startNode<M>(
  { world, name, incarnation, transport, times, courier }: NodeDependencies,
  actor: string,
  make: (addresses: Addresses) => Start<M>,
): ActorSystem {
  let defect: string | undefined;
  const system = new ActorSystem({
    world,
    node: name,
    incarnation,
    supervision: SUPERVISION,
    // A strategy is a pure function, so an error that it throws twice in a row comes every time.
    onFailure({ error }) {
      if (!(error instanceof StrategyError)) return;
      if (error.message === defect) addresses.journal.tell({ kind: "defect", why: error.message });
      defect = error.message;
    },
  });
  let arriving: NodeOptions["arriving"];
  const node = new Node(system, transport, {
    heartbeat: times?.heartbeat,
    timeout: times?.timeout,
    arriving: courier && ((from, message) => arriving?.(from, message)),
  });
  const addresses = new Addresses(node);
  arriving = courier?.(addresses);
  system.ended.then(() => node.close());
  system.spawn(actor, make(addresses), { restart: "permanent", shutdown: 1000 });
  return system;
}
