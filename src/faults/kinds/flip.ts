import type { FaultDefinition } from "../definition.js";
import { ownerTarget, ownerText } from "../gradient-owner.js";

/** One bit of a gradient is flipped after the gradient was computed. */
export interface Flip {
  readonly kind: "flip";
  /** The worker that computes the gradient; undefined: any worker. */
  readonly worker?: number;
}

export const flip: FaultDefinition<Flip> = {
  name: "flip",
  example: "flip a gradient bit of worker-1 at step 70",
  befalls: "gradient",
  leavesNoTrace: true,
  parse: (words) => {
    words.word("gradient");
    words.word("bit");
    return { kind: "flip", ...words.owner() };
  },
  text: ({ worker }) => `flip a gradient bit${ownerText(worker)}`,
  target: ({ worker }) => ownerTarget(worker),
  draw: ({ worker }) => ({ kind: "flip", worker }),
  strike: (ports, id, { worker }) => ports.corrupt(id, worker, "flip"),
};
