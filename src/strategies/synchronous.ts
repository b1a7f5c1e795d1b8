/**
 * Synchronous data-parallel training over logical parts: a round is one step, a part is the gradient of its share of the
 * batch, and every replica's optimizer applies the sum of the parts.
 *
 * It computes what Goyal et al. 2017 describe in "Accurate, Large Minibatch SGD". A fixed number of logical parts is the idea
 * of EasyScale (Li et al. 2022). Promise: invariant.
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
