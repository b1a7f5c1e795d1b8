import type { FaultDefinition } from "../definition.js";
import { ownerTarget, ownerText } from "../gradient-owner.js";

/** One number of a gradient becomes NaN. */
export interface Spoil {
  readonly kind: "spoil";
  /** The worker that computes the gradient; undefined: any worker. */
  readonly worker?: number;
}

export const spoil: FaultDefinition<Spoil> = {
  name: "spoil",
  example: "spoil a gradient of worker-1 at step 70",
  befalls: "gradient",
  leavesNoTrace: true,
  parse: (words) => {
    words.word("gradient");
    return { kind: "spoil", ...words.owner() };
  },
  text: ({ worker }) => `spoil a gradient${ownerText(worker)}`,
  target: ({ worker }) => ownerTarget(worker),
  draw: ({ worker }) => ({ kind: "spoil", worker }),
  strike: (ports, id, { worker }) => ports.corrupt(id, worker, "spoil"),
};
