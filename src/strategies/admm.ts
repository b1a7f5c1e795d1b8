/**
 * Consensus ADMM: each part owns a stretch of the images, has parameters of its own, and is held to the consensus by a penalty
 * and a dual variable. The minimisation of a part is inexact: `H` steps of its own optimizer.
 *
 *     u_p = u_p + x_p - w;   x_p = H steps on f_p(x) + rho / 2 |x - w + u_p|^2 from x_p;   w = the mean of x_p + u_p
 *
 * Boyd, Parikh, Chu, Peleato & Eckstein 2011, "Distributed Optimization and Statistical Learning via the Alternating Direction
 * Method of Multipliers", section 7.1, in scaled form (section 3.1.1). f_p is the mean loss over the images of part p. The run's
 * parameters are the consensus. Promise: invariant.
 */
import { meanOfParts } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import { partitionRows } from "./partition.js";
import type { StrategyFactory } from "./strategy.js";

export const admm: StrategyFactory = (options, run) => {
  const { parts, batch, state, length } = run;
  refuseOptions("admm", options, ["H", "rho"]);
  const H = wholeOption("admm", options, "H", 8);
  const rho = numberOption("admm", options, "rho", 0.1, [0, 1e6]);
  const inner = state.slice(1);
  const rows = partitionRows(run);
  return {
    name: "admm",
    promise: "invariant",
    parts,
    contributes: "parameters",
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    local: [{ name: "position", initial: "parameters" }, { name: "dual" }, ...inner.map((name) => ({ name }))],
    advance: () => ({ steps: H, samples: H * batch }),
    rows: (round, part) => ({ rows: rows(round * H, H, part) }),
    async contribute(learner, { rows: all, step, global, next, out }) {
      const { position, dual, ...optimizer } = next;
      const { axpy, scale, copy } = learner.vectors;
      axpy(1, position, dual);
      axpy(-1, global.parameters, dual);
      learner.restore({ parameters: position });
      const share = all.length / H;
      const gradient = new Float32Array(length);
      let loss = 0;
      for (let h = 0; h < H; h++) {
        loss += await learner.gradient(all.subarray(h * share, (h + 1) * share), gradient);
        // The gradient is a share of the batch; that of the mean loss of the part is wanted.
        scale(batch / share, gradient);
        axpy(rho, position, gradient);
        axpy(-rho, global.parameters, gradient);
        axpy(rho, dual, gradient);
        await learner.update(gradient, step + h);
        await learner.save({ parameters: position });
      }
      await learner.save(optimizer);
      copy(position, out);
      axpy(1, dual, out);
      return loss / H;
    },
    aggregate: meanOfParts(run),
  };
};
