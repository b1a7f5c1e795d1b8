/**
 * Synchronous data-parallel training over logical parts: a round is one step, a part is the gradient of its share of the
 * batch, and every replica's optimizer applies the sum of the parts.
 *
 * It computes what Goyal et al. 2017 describe in "Accurate, Large Minibatch SGD". A fixed number of logical parts is the idea
 * of EasyScale (Li et al. 2022). Promise: invariant.
 *
 * With `backup` of b the first n - b parts to arrive are enough, and the step is by their mean: no step waits for the slowest.
 * Chen, Pan, Monga, Bengio & Jozefowicz 2016, "Revisiting Distributed Synchronous SGD", algorithm 3. Promise: replayable, from
 * the record of which parts counted.
 */
import { vectorOps } from "../workload/vector-ops.js";
import { refuseOptions, wholeOption } from "./options.js";
import { applyGradient, contributeGradient } from "./rounds/gradient-step.js";
import type { Strategy, StrategyFactory } from "./strategy.js";

export const synchronous: StrategyFactory = (options, { parts, batch, state, stepRows }) => {
  refuseOptions("synchronous", options, ["backup"]);
  const backup = options.backup === undefined ? 0 : wholeOption("synchronous", options, "backup", 1);
  return {
    name: "synchronous",
    promise: backup > 0 ? "replayable" : "invariant",
    parts,
    ...(backup > 0 && { consistency: { kind: "bulk", quorum: Math.max(1, parts - backup) } }),
    needs: "sum",
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    advance: () => ({ steps: 1, samples: batch }),
    rows: stepRows,
    contribute: contributeGradient,
    aggregate: backup > 0 ? applyMean(parts) : applyGradient,
  };
};

/** A step by the mean of the gradients that are there: each is a share of the batch. */
const applyMean =
  (parts: number): Strategy["aggregate"] =>
  async (piece, reduce) => {
    const sum = await reduce.sum();
    vectorOps.scale(parts / reduce.parts.length, sum);
    return piece.update(sum);
  };
