import { workerName } from "../../placement/names.js";
import { durationText } from "../../world/duration.js";
import type { FaultDefinition, Slowdown } from "../definition.js";

/** A worker computes more slowly for a while: a straggler. */
export type Slow = {
  readonly kind: "slow";
  readonly worker: number;
  readonly milliseconds: number;
} & Slowdown;

/** The slowdown of a random fault. */
const FACTOR = 3;

export const slow: FaultDefinition<Slow> = {
  name: "slow",
  example: "slow worker-1 by 3x for 10s at 30s",
  befalls: "worker",
  leavesNoTrace: true,
  failsNothing: true,
  parse(words) {
    const worker = words.numbered("worker");
    return { kind: "slow", worker, ...words.slowdown(), milliseconds: words.length() };
  },
  text: ({ worker, factor, pace, milliseconds }) =>
    `slow ${workerName(worker)} ${pace === undefined ? `by ${factor}x` : `to ${durationText(pace)}`} for ${durationText(milliseconds)}`,
  target: ({ worker }) => workerName(worker),
  draw: ({ worker, milliseconds }) => ({ kind: "slow", worker, factor: FACTOR, milliseconds }),
  strike: (ports, id, { worker, factor, pace, milliseconds }) =>
    ports.slow(id, worker, pace === undefined ? { factor } : { pace }, milliseconds),
};
