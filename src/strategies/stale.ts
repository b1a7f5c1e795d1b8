/**
 * Stale synchronous parallel: a part that is ahead of the slowest one by more than `bound` rounds waits for it. The servers
 * make one step of the run's optimizer by each gradient.
 *
 *     part:     in round c it sees all gradients of the rounds before c - bound, and some later ones;   g = its gradient
 *     server:   w = one step of the optimizer by g
 *
 * Ho et al. 2013, "More Effective Distributed ML via a Stale Synchronous Parallel Parameter Server" (Petuum). With `bound=0` no
 * part begins a round before all have done the round before it. Promise: replayable.
 */
import { brief, UsageError } from "../error.js";
import { refuseOptions } from "./options.js";
import { applyGradient, contributeGradient } from "./rounds/gradient-step.js";
import type { StrategyFactory } from "./strategy.js";

const MOST = 1e6;

export const stale: StrategyFactory = (options, { parts, batch, state, stepRows }) => {
  refuseOptions("stale", options, ["bound"]);
  const { bound = 3 } = options;
  if (typeof bound !== "number" || !Number.isSafeInteger(bound) || bound < 0 || bound > MOST) {
    throw new UsageError(`strategy stale: bound must be a whole number from 0 to ${MOST}, got ${brief(bound)}`);
  }
  return {
    name: "stale",
    promise: "replayable",
    consistency: { kind: "stale", bound },
    parts,
    needs: "sum",
    global: state.map((name, i) => (i === 0 ? { name, initial: "parameters" } : { name })),
    advance: () => ({ steps: 1, samples: batch }),
    rows: stepRows,
    contribute: contributeGradient,
    aggregate: applyGradient,
  };
};
