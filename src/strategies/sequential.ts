/**
 * Sequential averaging: replicas take turns on the mini-batches, each in turn on a whole one, as under the lock of one parameter
 * server. After each round every parameter becomes the mean of the replicas, or lies between the replica's own and the mean.
 *
 *     y_p = H steps from x_p, on mini-batches p, n + p, 2 n + p, ...;   w = (y_0 + ... + y_{n-1}) / n;   x_p = own y_p + (1 - own) w
 *
 * A part is a replica. A round of n parts reads n H mini-batches. With own 0 a replica goes on from the mean; with own 0.5, from
 * (own + mean) / 2. It is the scheme of a parameter server with a mutex, in which turns do not overlap: here the parts of a
 * round are computed side by side, because no turn depends on another one. Promise: invariant.
 */
import { meanOfParts, ownPosition, stepsFromPosition } from "./local-steps.js";
import { numberOption, refuseOptions, wholeOption } from "./options.js";
import type { StrategyFactory } from "./strategy.js";

export const sequential: StrategyFactory = (options, run) => {
  const { parts, batch } = run;
  refuseOptions("sequential", options, ["H", "own"]);
  const H = wholeOption("sequential", options, "H", 1);
  const own = numberOption("sequential", options, "own", 0, [0, 1]);
  /** The whole mini-batch of a step: the shares of all parts. */
  const miniBatch = (step: number): number[] =>
    Array.from({ length: parts }, (_, part) => [...run.rows(step, 1, part)]).flat();
  return {
    name: "sequential",
    promise: "invariant",
    parts,
    contributes: "parameters",
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }],
    local: ownPosition(run),
    advance: () => ({ steps: parts * H, samples: parts * H * batch }),
    rows(round, part) {
      const turns = Array.from({ length: H }, (_, turn) => miniBatch((round * H + turn) * parts + part));
      return { rows: Uint32Array.from(turns.flat()) };
    },
    async contribute(learner, context) {
      const { global, next, out } = context;
      const { position } = next;
      learner.vectors.scale(own, position);
      learner.vectors.axpy(1 - own, global.parameters, position);
      const loss = await stepsFromPosition(learner, H, context);
      learner.vectors.copy(position, out);
      return loss / parts;
    },
    aggregate: meanOfParts(run),
  };
};
