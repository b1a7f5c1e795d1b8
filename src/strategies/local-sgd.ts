/**
 * Local SGD: each part makes `H` steps of its own optimizer, on its share of each batch. Then the mean of the parts becomes the
 * parameters of all. What the optimizer keeps (moments, velocities) stays with the part.
 *
 *     w_p = H steps from w on the images of part p;   w = (w_0 + ... + w_{n-1}) / n
 *
 * Stich 2018, "Local SGD Converges Fast and Communicates Little". Promise: invariant.
 */
import { localSteps, meanOfParts } from "./local-steps.js";
import { refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const localSgd: StrategyFactory = (options, run) => {
  const { parts } = run;
  refuseOptions("local-sgd", options, ["H"]);
  const H = wholeOption("local-sgd", options, "H", 8);
  return {
    name: "local-sgd",
    promise: "invariant",
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    ...localSteps(H, run),
    aggregate: meanOfParts(run),
  };
};
