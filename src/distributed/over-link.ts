/** The transport of a node of a run, over the link that the run has. */
import { COORDINATOR, MAIN } from "../placement/names.js";
import { delayedTransport } from "../transport/delayed.js";
import type { Link } from "../transport/link.js";
import type { Transport } from "../transport/transport.js";
import type { World } from "../world/world.js";

/** Nodes on the same machine: no link lies between them. */
const CENTRE = [MAIN, COORDINATOR];

export function overLink(
  transport: Transport,
  link: Link | undefined,
  world: Pick<World, "clock" | "timers">,
): Transport {
  if (!link) return transport;
  const isCentral = CENTRE.includes(transport.node);
  return delayedTransport(transport, link, { world, isFar: (node) => !(isCentral && CENTRE.includes(node)) });
}
