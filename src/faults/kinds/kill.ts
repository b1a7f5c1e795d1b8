import { COORDINATOR } from "../../placement/names.js";
import type { FaultDefinition } from "../definition.js";

/** The process of a node ends at once. */
export interface Kill {
  readonly kind: "kill";
  readonly node: string;
}

export const kill: FaultDefinition<Kill> = {
  name: "kill",
  example: "kill worker-1 at step 200",
  befalls: "node",
  leavesNoTrace: true,
  parse: (words) => ({ kind: "kill", node: words.node([COORDINATOR]) }),
  text: ({ node }) => `kill ${node}`,
  target: ({ node }) => node,
  draw: ({ node }) => ({ kind: "kill", node: node() }),
  strike: (ports, id, { node }) => ports.kill(id, node),
};
