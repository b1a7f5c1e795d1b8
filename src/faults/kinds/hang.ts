import { COORDINATOR } from "../../placement/names.js";
import { durationText } from "../../world/duration.js";
import type { FaultDefinition } from "../definition.js";

/** All threads of a node stop for a while. */
export interface Hang {
  readonly kind: "hang";
  readonly node: string;
  readonly milliseconds: number;
}

export const hang: FaultDefinition<Hang> = {
  name: "hang",
  example: "hang worker-1 for 10s at 30s",
  befalls: "node",
  leavesNoTrace: true,
  parse: (words) => ({ kind: "hang", node: words.node([COORDINATOR]), milliseconds: words.length() }),
  text: ({ node, milliseconds }) => `hang ${node} for ${durationText(milliseconds)}`,
  target: ({ node }) => node,
  draw: ({ node, milliseconds }) => ({ kind: "hang", node: node(), milliseconds }),
  strike: (ports, id, { node, milliseconds }) => ports.hang(id, node, milliseconds),
};
