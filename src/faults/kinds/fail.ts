import type { FaultDefinition } from "../definition.js";

/** The write of a checkpoint fails: no space is left. */
export interface Fail {
  readonly kind: "fail";
}

export const fail: FaultDefinition<Fail> = {
  name: "fail",
  example: "fail disk at checkpoint 3",
  befalls: "disk",
  leavesNoTrace: false,
  parse: (words) => {
    words.word("disk");
    return { kind: "fail" };
  },
  text: () => "fail disk",
  target: () => "disk",
  draw: () => ({ kind: "fail" }),
  strike: (ports, id) => ports.failDisk(id),
};
