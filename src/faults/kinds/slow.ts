import { workerName } from "../../placement/names.js";
import { durationText } from "../../world/duration.js";
import type { FaultDefinition } from "../definition.js";

/** A worker computes more slowly for a while: a straggler. */
export interface Slow {
  readonly kind: "slow";
  readonly worker: number;
  /** How many times as long a part takes. */
  readonly factor: number;
  readonly milliseconds: number;
}

/** Factor of a random fault. */
const FACTOR = 3;

export const slow: FaultDefinition<Slow> = {
  name: "slow",
  example: "slow worker-1 by 3x for 10s at 30s",
  befalls: "worker",
  leavesNoTrace: true,
  failsNothing: true,
  parse(words) {
    const worker = words.numbered("worker");
    words.word("by");
    return { kind: "slow", worker, factor: words.factor(), milliseconds: words.length() };
  },
  text: ({ worker, factor, milliseconds }) =>
    `slow ${workerName(worker)} by ${factor}x for ${durationText(milliseconds)}`,
  target: ({ worker }) => workerName(worker),
  draw: ({ worker, milliseconds }) => ({ kind: "slow", worker, factor: FACTOR, milliseconds }),
  strike: (ports, id, { worker, factor, milliseconds }) => ports.slow(id, worker, factor, milliseconds),
};
