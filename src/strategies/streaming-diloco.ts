/**
 * Streaming DiLoCo: as DiLoCo, but the vector is exchanged in fragments, one in each round, so that an exchange needs a fraction of
 * the bandwidth. Every fragment is exchanged once in H steps. A part goes on from its own parameters and takes over a fragment when
 * it arrives: at once, or with `overlap` one round later.
 *
 *     round r, fragment f = r mod F:  x_p = H / F steps from x_p;   d = w_f - mean of x_p,f
 *     v_f = momentum v_f + d;   w_f = w_f - lr (d + momentum v_f);   x_p,f = own x_p,f + (1 - own) w_f
 *
 * Douillard et al. 2025, "Streaming DiLoCo with overlapping communication: Towards a Distributed Free Lunch", sections 2.2 and 2.3;
 * `own` is the paper's mixing factor. With one fragment and no overlap this is DiLoCo. Promise: invariant.
 */
import { UsageError } from "../error.js";
import { localRounds, ownPosition, stepsFromPosition } from "./local-steps.js";
import { flagOption, numberOption, refuseOptions, wholeOption } from "./options.js";
import type { Range, StrategyFactory } from "./strategy.js";

const NAME = "streaming-diloco";

export const streamingDiloco: StrategyFactory = (options, run) => {
  const { parts, length } = run;
  refuseOptions(NAME, options, ["H", "fragments", "lr", "momentum", "own", "overlap"]);
  const H = wholeOption(NAME, options, "H", 32);
  const fragments = wholeOption(NAME, options, "fragments", 4);
  if (H % fragments !== 0) {
    throw new UsageError(`strategy ${NAME}: H must be a multiple of fragments, got ${H} and ${fragments}`);
  }
  const lr = numberOption(NAME, options, "lr", 0.7, [0, 10]);
  const momentum = numberOption(NAME, options, "momentum", 0.9, [0, 1]);
  const own = numberOption(NAME, options, "own", 0, [0, 1]);
  const delay = flagOption(NAME, options, "overlap", false) ? 1 : 0;
  const fragmentOf = (round: number): Range => {
    const [start, end] = [0, 1].map((i) => Math.floor((length * ((round % fragments) + i)) / fragments));
    return { offset: start, length: end - start };
  };
  return {
    name: NAME,
    promise: "invariant",
    parts,
    consistency: { kind: "bulk", delay },
    needs: "sum",
    global: [{ name: "parameters", initial: "parameters" }, { name: "outerVelocity" }],
    local: ownPosition(run),
    exchange: (round) => [fragmentOf(round)],
    ...localRounds(H / fragments, run),
    async contribute(learner, context) {
      const { round, global, next, out } = context;
      const { position } = next;
      const exchanged = round - 1 - delay;
      if (exchanged >= 0) {
        const fragment = within(position, fragmentOf(exchanged));
        learner.vectors.scale(own, fragment);
        learner.vectors.axpy(1 - own, within(global.parameters, fragmentOf(exchanged)), fragment);
      }
      const loss = await stepsFromPosition(learner, H / fragments, context);
      learner.vectors.copy(within(position, fragmentOf(round)), out);
      return loss / parts;
    },
    async aggregate({ round, state: { parameters, outerVelocity } }, reduce) {
      const sum = await reduce.sum();
      const { offset } = fragmentOf(round);
      for (const [i, total] of sum.entries()) {
        const moved = parameters[offset + i] - total / parts;
        outerVelocity[offset + i] = momentum * outerVelocity[offset + i] + moved;
        parameters[offset + i] -= lr * (moved + momentum * outerVelocity[offset + i]);
      }
    },
  };
};

const within = (vector: Float32Array, { offset, length }: Range): Float32Array =>
  vector.subarray(offset, offset + length);
