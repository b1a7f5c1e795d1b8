/**
 * Downpour SGD: every part computes gradients and pushes them to the servers without waiting for other parts. The servers
 * adapt the rate of each parameter with Adagrad.
 *
 *     part:     g = gradients of `push` steps;  fetch w every `fetch` steps, and between two fetches w is the part's own,
 *               stepped by the run's optimizer
 *     server:   s = s + g^2;   w = w - lr g / sqrt(s)
 *
 * Dean et al. 2012, "Large Scale Distributed Deep Networks", section 4.1 and the appendix. There a part steps by plain SGD
 * between two fetches. Promise: replayable.
 */
import { UsageError } from "../error.js";
import { localRounds } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

/** Keeps the first division finite. */
const EPSILON = 1e-10;

export const downpour: StrategyFactory = (options, run) => {
  const { parts, state } = run;
  refuseOptions("downpour", options, ["push", "fetch", "lr"]);
  const push = wholeOption("downpour", options, "push", 1);
  const fetch = wholeOption("downpour", options, "fetch", push);
  const lr = numberOption("downpour", options, "lr", 0.02, [0, 1e6]);
  if (fetch % push !== 0) {
    const near = Math.max(push, Math.round(fetch / push) * push);
    throw new UsageError(`strategy downpour: fetch ${fetch} is no multiple of push ${push}: give fetch=${near}`);
  }
  const isOwn = fetch > 1;
  // A life that begins between two fetches goes on from the parameters that it reads then.
  const position = { name: "position", initial: "parameters" } as const;
  const own = isOwn ? [position, ...state.slice(1).map((name) => ({ name }))] : [];
  const reads = (round: number): boolean => (round * push) % fetch === 0;
  return {
    name: "downpour",
    promise: "replayable",
    consistency: { kind: "async" },
    parts,
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }, { name: "squares" }],
    local: own,
    ...localRounds(push, run),
    reads,
    async contribute(learner, { round, rows, step, next, out }) {
      const { position, ...optimizer } = next;
      if (isOwn && !reads(round)) learner.restore({ parameters: position });
      const gradient = new Float32Array(out.length);
      const share = rows.length / push;
      let loss = 0;
      for (let i = 0; i < push; i++) {
        loss += await learner.gradient(rows.subarray(i * share, (i + 1) * share), gradient);
        learner.vectors.axpy(1, gradient, out);
        if (!isOwn) continue;
        // A part has a share of the batch's gradient.
        learner.vectors.scale(parts, gradient);
        await learner.update(gradient, step + i);
      }
      if (isOwn) await learner.save({ parameters: position, ...optimizer });
      return loss / push;
    },
    async aggregate({ state: { parameters, squares } }, reduce) {
      const sum = await reduce.sum();
      for (let i = 0; i < sum.length; i++) {
        squares[i] += sum[i] * sum[i];
        parameters[i] -= (lr * sum[i]) / (Math.sqrt(squares[i]) + EPSILON);
      }
    },
  };
};
