/**
 * Local SGD with delayed averaging: each part goes on from its own parameters while the mean of the round before is on its
 * way. When the mean arrives, a part is moved by as much as it was then away from the mean. So no step waits for a message.
 *
 *     x_p = x_p + (1 - own) (mean of y two rounds ago - y_p of then);   y_p = H steps from x_p;   w = (y_0 + ... + y_{n-1}) / n
 *
 * Zhou et al. 2020, "DaSGD: Squeezing SGD Parallelization Performance in Distributed Training Using Delayed Averaging", in the
 * form of Zhu et al. 2021, "Delayed Gradient Averaging", which keeps the steps that a part has made since. `own` is the weight
 * of a part's own parameters. The run's parameters are the newest mean. Promise: invariant.
 */
import { localRounds, meanOfParts, stepsFromPosition } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const dasgd: StrategyFactory = (options, run) => {
  const { parts, state } = run;
  refuseOptions("dasgd", options, ["H", "own"]);
  const H = wholeOption("dasgd", options, "H", 8);
  const own = numberOption("dasgd", options, "own", 0, [0, 1]);
  const inner = state.slice(1);
  return {
    name: "dasgd",
    promise: "invariant",
    parts,
    consistency: { kind: "bulk", delay: 1 },
    contributes: "parameters",
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    local: [
      { name: "position", initial: "parameters" },
      { name: "before", initial: "parameters" },
      ...inner.map((name) => ({ name })),
    ],
    ...localRounds(H, run),
    async contribute(learner, context) {
      const { global, local, next, out } = context;
      const { position, before, ...optimizer } = next;
      learner.vectors.copy(local.position, before);
      learner.vectors.axpy(1 - own, global.parameters, position);
      learner.vectors.axpy(own - 1, local.before, position);
      const loss = await stepsFromPosition(learner, H, { ...context, next: { position, ...optimizer } });
      learner.vectors.copy(position, out);
      return loss / parts;
    },
    aggregate: meanOfParts(run),
  };
};
