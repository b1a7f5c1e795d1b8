import type { FaultDefinition } from "../definition.js";

/** A checkpoint that was written is cut short, and nothing reports it. */
export interface Tear {
  readonly kind: "tear";
}

export const tear: FaultDefinition<Tear> = {
  name: "tear",
  example: "tear checkpoint at checkpoint 3",
  befalls: "disk",
  leavesNoTrace: false,
  afterWriting: true,
  parse: (words) => {
    words.word("checkpoint");
    return { kind: "tear" };
  },
  text: () => "tear checkpoint",
  target: () => "disk",
  draw: () => ({ kind: "tear" }),
  strike: (ports, _id, _action, checkpoint) => {
    if (checkpoint !== undefined) ports.tearCheckpoint(checkpoint);
  },
};
