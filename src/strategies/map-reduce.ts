/**
 * Map-reduce over a partition of the images: a part maps the images that it owns to the sum of their gradients, and the sums
 * are reduced to the gradient of the whole training set. The optimizer makes one step by it.
 *
 *     g = sum over the parts of the gradient of the part's own images;   w = one step of the optimizer by g
 *
 * Chu et al. 2006, "Map-Reduce for Machine Learning on Multicore", section 4 (neural network, batch gradient descent); it is how
 * Hadoop and Spark train. A round is an epoch, and the learning rate is that of its first step. Give a rule without corrections for
 * its first steps, such as `nesterov`: those of adam count the steps of the schedule, not the rounds. Promise: invariant.
 */

import { refuseOptions } from "./options.js";
import { epochRounds, gradientOver, partitionOf } from "./partition.js";
import { applyGradient } from "./rounds/gradient-step.js";
import type { StrategyFactory } from "./strategy.js";

export const mapReduce: StrategyFactory = (options, run) => {
  const { parts, state } = run;
  refuseOptions("map-reduce", options, []);
  return {
    name: "map-reduce",
    promise: "invariant",
    parts,
    needs: "sum",
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    ...epochRounds(run),
    rows: (_, part) => ({ rows: partitionOf(run, part) }),
    contribute: (learner, { rows, out }) => gradientOver(learner, rows, run, out),
    aggregate: applyGradient,
  };
};
