import { workerName } from "../../placement/names.js";
import type { FaultDefinition } from "../definition.js";

/** A worker ends its current part, and then leaves the run. */
export interface Leave {
  readonly kind: "leave";
  readonly worker: number;
}

export const leave: FaultDefinition<Leave> = {
  name: "leave",
  example: "leave worker-1 at step 200",
  befalls: "worker",
  // Chaos must not draw it, because it is only for runs whose number of workers may change.
  leavesNoTrace: false,
  failsNothing: true,
  parse: (words) => ({ kind: "leave", worker: words.numbered("worker") }),
  text: ({ worker }) => `leave ${workerName(worker)}`,
  target: ({ worker }) => workerName(worker),
  draw: ({ worker }) => ({ kind: "leave", worker }),
  strike: (ports, id, { worker }) => ports.leave(id, worker),
};
