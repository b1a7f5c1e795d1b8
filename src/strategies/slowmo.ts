/**
 * SlowMo: local SGD with a slow momentum. Each part makes `H` steps of its own optimizer. Then the parameters move along a
 * momentum of the distances that the mean of the parts has moved, each distance divided by the learning rate of its round.
 *
 *     d = w - (w_0 + ... + w_{n-1}) / n;   u = momentum u + d / rate;   w = w - lr rate u
 *
 * Wang, Tantia, Ballas & Rabbat 2020, "SlowMo: Improving Communication-Efficient Distributed SGD with Slow Momentum",
 * algorithm 1; what the optimizer of a part keeps stays with the part ("maintain"). With lr 1 and momentum 0 this is local SGD.
 * Promise: invariant.
 */
import { localSteps } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const slowmo: StrategyFactory = (options, run) => {
  const { parts } = run;
  refuseOptions("slowmo", options, ["H", "lr", "momentum"]);
  const H = wholeOption("slowmo", options, "H", 12);
  const lr = numberOption("slowmo", options, "lr", 1, [0, 10]);
  const momentum = numberOption("slowmo", options, "momentum", 0.5, [0, 1]);
  return {
    name: "slowmo",
    promise: "invariant",
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }, { name: "slowMomentum" }],
    ...localSteps(H, run),
    async aggregate({ step, state: { parameters, slowMomentum } }, reduce) {
      const sum = await reduce.sum();
      // A rate of 0 has moved nothing, whatever it is divided by.
      const rate = run.rate(step) || 1;
      for (let i = 0; i < parameters.length; i++) {
        slowMomentum[i] = momentum * slowMomentum[i] + (parameters[i] - sum[i] / parts) / rate;
        parameters[i] -= lr * rate * slowMomentum[i];
      }
    },
  };
};
