/**
 * Elastic averaging SGD: each part keeps parameters of its own, and all parts share a centre. Between two exchanges
 * a part makes `H` steps of its own optimizer. An exchange pulls the parameters of each part and the centre towards each other.
 *
 *     x_p = H steps from x_p;   d_p = x_p - c;   x_p = x_p - alpha d_p;   c = c + alpha (d_0 + ... + d_{n-1})
 *
 * Zhang, Choromanska & LeCun 2015, "Deep learning with Elastic Averaging SGD", equations 5 and 6 with the communication period
 * of section 3. By default alpha is 0.9 / n: the paper's beta is 0.9. The run's parameters are the centre. Promise: invariant.
 *
 * With `async=true` no part waits for another, which is algorithm 1 of the paper: a part reads the centre from parameter servers, and a
 * server pulls its piece of the centre when the part's difference comes. Promise: replayable.
 */
import { localRounds } from "./local-steps.js";
import { flagOption, numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

const BETA = 0.9;

export const easgd: StrategyFactory = (options, run) => {
  const { parts, state } = run;
  refuseOptions("easgd", options, ["H", "alpha", "async"]);
  const isAsync = flagOption("easgd", options, "async", false);
  const H = wholeOption("easgd", options, "H", 8);
  const alpha = numberOption("easgd", options, "alpha", BETA / parts, [0, 1]);
  const inner = state.slice(1);
  return {
    name: "easgd",
    promise: isAsync ? "replayable" : "invariant",
    ...(isAsync && { consistency: { kind: "async" } as const }),
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    local: [{ name: "position", initial: "parameters" }, ...inner.map((name) => ({ name }))],
    ...localRounds(H, run),
    async contribute(learner, { rows, step, global, local, next, out }) {
      const { position, ...optimizer } = next;
      learner.restore({ parameters: local.position });
      const loss = await learner.steps(H, rows, step);
      await learner.save({ parameters: position, ...optimizer });
      learner.vectors.copy(position, out);
      learner.vectors.axpy(-1, global.parameters, out);
      learner.vectors.axpy(-alpha, out, position);
      return loss / parts;
    },
    async aggregate({ state: { parameters } }, reduce) {
      const sum = await reduce.sum();
      for (let i = 0; i < parameters.length; i++) parameters[i] += alpha * sum[i];
    },
  };
};
