import { workerName } from "../../placement/names.js";
import { durationText } from "../../world/duration.js";
import type { FaultDefinition } from "../definition.js";

/** Every message from a node and to it is lost for a while. */
export interface Cut {
  readonly kind: "cut";
  readonly node: string;
  readonly milliseconds: number;
}

export const cut: FaultDefinition<Cut> = {
  name: "cut",
  example: "cut worker-1 for 2s at 30s",
  befalls: "node",
  leavesNoTrace: true,
  parse: (words) => ({ kind: "cut", node: words.node([]), milliseconds: words.length() }),
  text: ({ node, milliseconds }) => `cut ${node} for ${durationText(milliseconds)}`,
  target: ({ node }) => node,
  draw: ({ worker, milliseconds }) => ({ kind: "cut", node: workerName(worker), milliseconds }),
  strike: (ports, id, { node, milliseconds }) => ports.cut(id, node, milliseconds),
};
