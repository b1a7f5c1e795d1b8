/** The definition of a transport: its name, its options, and how a node opens it. */
import type { ChoiceOptions } from "../choice.js";
import type { World } from "../world/world.js";
import type { Transport } from "./transport.js";

/** What a transport gets when it is opened: once in the main process, and once in the process of every node. */
export interface TransportPlace {
  readonly world: Pick<World, "clock" | "timers">;
  /** The transport that the host of the nodes gives this node. It reaches all nodes, and its `node` is this node's name. */
  readonly link: Transport;
}

/** A transport by name. */
export interface TransportDefinition {
  readonly name: string;
  /** Names of its options. */
  readonly options: readonly string[];
  /** Opens the transport of the node `place.link.node`. When the transport is closed, it closes the link. */
  open(options: ChoiceOptions, place: TransportPlace): Transport | Promise<Transport>;
}
