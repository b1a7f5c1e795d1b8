/**
 * Robust synchronous training: as `synchronous`, but the gradients of the parts are not added. A robust rule makes one gradient of
 * them, which withstands parts that send anything: `robust:rule=krum,faulty=1`.
 *
 *     g = rule(g_0, ..., g_{n-1}),  g_p the mean gradient over the share of part p;   w = one step of the optimizer by g
 *
 * Blanchard et al. 2017, "Machine Learning with Adversaries", algorithm of section 2; the rules are in this folder.
 * Promise: invariant.
 */
import { refuseOptions } from "../options.js";
import type { StrategyFactory } from "../strategy.js";
import { robustRule } from "./rules.js";

export const robust: StrategyFactory = (options, { parts, batch, state, stepRows }) => {
  refuseOptions("robust", options, ["rule", "faulty"]);
  const combine = robustRule("robust", { rule: "median", ...options }, "rule", parts);
  return {
    name: "robust",
    promise: "invariant",
    parts,
    needs: "each",
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    advance: () => ({ steps: 1, samples: batch }),
    rows: stepRows,
    async contribute(learner, { rows, out }) {
      const loss = await learner.gradient(rows, out);
      // The gradient is a share of the batch; shares may differ by a row.
      learner.vectors.scale(batch / rows.length, out);
      return loss;
    },
    aggregate: async (piece, reduce) => piece.update(await combine(reduce)),
  };
};
