/** A kind of transport: what has to be said of one so that the nodes of a run can use it. */
import type { ChoiceOptions } from "../choice.js";
import type { World } from "../world/world.js";
import type { Transport } from "./transport.js";

/** Where a transport is opened: once in the main process, and once in the process of every node. */
export interface TransportPlace {
  readonly world: Pick<World, "clock" | "timers">;
  /** The transport that the host of the nodes gives this node; it reaches all nodes, and knows this one's name. */
  readonly link: Transport;
}

/** A transport by name. */
export interface TransportDefinition {
  readonly name: string;
  /** Names of its options. */
  readonly options: readonly string[];
  /** Opens the transport of the node `place.link.node`. It closes the link with itself. */
  open(options: ChoiceOptions, place: TransportPlace): Transport | Promise<Transport>;
}
