/**
 * DiLoCo: each part makes `H` steps of its own optimizer from the global parameters. The distance that the mean of the parts
 * has moved is the gradient of an outer optimizer, which has Nesterov's momentum.
 *
 *     d = w - (w_0 + ... + w_{n-1}) / n;   v = momentum v + d;   w = w - lr (d + momentum v)
 *
 * Douillard et al. 2023, "DiLoCo: Distributed Low-Communication Training of Language Models", algorithm 1. The run chooses the
 * inner optimizer (the paper's is AdamW). The paper's outer rate and momentum are the defaults. With lr 1 and momentum 0 this
 * is local SGD. Promise: invariant.
 */
import { localSteps } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const diloco: StrategyFactory = (options, run) => {
  const { parts } = run;
  refuseOptions("diloco", options, ["H", "lr", "momentum"]);
  const H = wholeOption("diloco", options, "H", 32);
  const lr = numberOption("diloco", options, "lr", 0.7, [0, 10]);
  const momentum = numberOption("diloco", options, "momentum", 0.9, [0, 1]);
  return {
    name: "diloco",
    promise: "invariant",
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }, { name: "outerVelocity" }],
    ...localSteps(H, run),
    async aggregate({ state: { parameters, outerVelocity } }, reduce) {
      const sum = await reduce.sum();
      for (let i = 0; i < parameters.length; i++) {
        const moved = parameters[i] - sum[i] / parts;
        outerVelocity[i] = momentum * outerVelocity[i] + moved;
        parameters[i] -= lr * (moved + momentum * outerVelocity[i]);
      }
    },
  };
};
