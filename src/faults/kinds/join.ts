import type { FaultDefinition } from "../definition.js";

/** More workers take part from now on. */
export interface Join {
  readonly kind: "join";
  readonly workers: number;
}

export const join: FaultDefinition<Join> = {
  name: "join",
  example: "join 2 workers at step 200",
  befalls: "fleet",
  // Chaos must not draw it, because it is only for runs whose number of workers may change.
  leavesNoTrace: false,
  failsNothing: true,
  parse: (words) => ({ kind: "join", workers: words.workers() }),
  text: ({ workers }) => (workers === 1 ? "join 1 worker" : `join ${workers} workers`),
  target: () => "workers",
  draw: () => ({ kind: "join", workers: 1 }),
  strike: (ports, id, { workers }) => ports.join(id, workers),
};
