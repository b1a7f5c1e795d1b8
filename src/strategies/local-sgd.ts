/**
 * Local SGD: each part makes `H` steps of its own optimizer, on its share of each batch. Then the mean of the parts becomes the
 * parameters of all. What the optimizer keeps (moments, velocities) stays with the part.
 *
 *     w_p = H steps from w on the images of part p;   w = (w_0 + ... + w_{n-1}) / n
 *
 * Stich 2018, "Local SGD Converges Fast and Communicates Little".
 *
 * With `alpha` a round is longer where the learning rate is lower: `H` is then the least number of steps, and a round that begins
 * at step t has
 *
 *     H_t = max(H, floor((alpha / rate)^2)),   rate = the highest learning rate from step t on
 *
 * Gu, Lyu, Arora, Zhang & Huang 2024, "A Quadratic Synchronization Rule for Distributed Deep Learning". Where rates only fall the
 * highest rate to come is the rate at t; the low rates of a warm-up make no long rounds. The last round ends with the run.
 * `post` is in `post-local.ts`. Promise: invariant.
 */
import { localSteps, meanOfParts, type RoundLength } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import { postLocal } from "./post-local.js";
import type { StrategyFactory, StrategyRun } from "./strategy.js";

export const localSgd: StrategyFactory = (options, run) => {
  const { parts } = run;
  refuseOptions("local-sgd", options, ["H", "alpha", "post"]);
  const H = wholeOption("local-sgd", options, "H", 8);
  const alpha = numberOption("local-sgd", options, "alpha", 0, [0, 1e6]);
  const length = alpha > 0 ? quadratic(H, alpha, run) : H;
  if (options.post !== undefined) return postLocal(wholeOption("local-sgd", options, "post", 1, LATEST), length, run);
  return {
    name: "local-sgd",
    promise: "invariant",
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    ...localSteps(length, run),
    aggregate: meanOfParts(run),
  };
};

/** No run has more steps. */
const LATEST = 1e9;

/** The quadratic synchronization rule. */
function quadratic(H: number, alpha: number, { steps, rate }: StrategyRun): RoundLength {
  /** The highest rate from each step on. */
  const highest = new Float64Array(steps);
  for (let step = steps - 1; step >= 0; step--) highest[step] = Math.max(rate(step), highest[step + 1] ?? 0);
  return (step) => Math.max(1, Math.min(steps - step, Math.max(H, Math.floor((alpha / (highest[step] ?? 0)) ** 2))));
}
