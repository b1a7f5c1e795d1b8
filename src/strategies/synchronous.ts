/**
 * Synchronous data-parallel training over logical parts: a round is one step, a part the gradient of one part of its
 * batch, and every replica's optimizer applies the sum of the parts.
 *
 * Goyal et al. 2017, "Accurate, Large Minibatch SGD", for what it computes; that parts are logical, and their number
 * fixed, is EasyScale's idea (Li et al. 2022). Promise: invariant.
 */
import { applyGradient, contributeGradient } from "./gradient-step.js";
import { refuseOptions } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const synchronous: StrategyFactory = (options, { parts, batch, state, stepRows }) => {
  refuseOptions("synchronous", options, []);
  return {
    name: "synchronous",
    promise: "invariant",
    parts,
    needs: "sum",
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    advance: () => ({ steps: 1, samples: batch }),
    rows: stepRows,
    contribute: contributeGradient,
    aggregate: applyGradient,
  };
};
