import { deviceName } from "../../placement/names.js";
import type { FaultDefinition } from "../definition.js";

/** The device of a worker is lost. */
export interface Lose {
  readonly kind: "lose";
  readonly worker: number;
}

export const lose: FaultDefinition<Lose> = {
  name: "lose",
  example: "lose device-0 at step 50",
  befalls: "device",
  leavesNoTrace: true,
  parse: (words) => ({ kind: "lose", worker: words.numbered("device") }),
  text: ({ worker }) => `lose ${deviceName(worker)}`,
  target: ({ worker }) => deviceName(worker),
  draw: ({ worker }) => ({ kind: "lose", worker }),
  strike: (ports, id, { worker }) => ports.lose(id, worker),
};
