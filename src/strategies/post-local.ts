/**
 * Post-local SGD: synchronous until a step, from then on local. Until then a round is one step by the summed gradient of all
 * parts, with the bits of `synchronous`. The parts begin their local steps with the state that the common optimizer has then.
 *
 *     step < post:  one step of the optimizer by g_0 + ... + g_{n-1};   from post on:  local SGD
 *
 * Lin, Stich, Patel & Jaggi 2018, "Don't Use Large Mini-Batches, Use Local SGD", section 3: they switch where the learning rate
 * first falls. Promise: invariant.
 */

import { localRounds, meanOfParts, type RoundLength, stepsFrom } from "./local-steps.js";
import { applyGradient, contributeGradient } from "./rounds/gradient-step.js";
import type { Strategy, StrategyRun } from "./strategy.js";

export function postLocal(post: number, after: RoundLength, run: StrategyRun): Strategy {
  const { parts, state } = run;
  const length = (step: number): number => (step < post ? 1 : stepsFrom(after, step));
  const mean = meanOfParts(run);
  const inner = state.slice(1);
  return {
    name: "local-sgd",
    promise: "invariant",
    parts,
    contributes: "both",
    needs: "sum",
    global: state.map((name) => ({ name, initial: name === "parameters" ? "parameters" : "zeros" })),
    local: inner.map((name) => ({ name: ownName(name) })),
    ...localRounds(length, run),
    async contribute(learner, context) {
      const { rows, step, local, next, out } = context;
      if (step < post) return contributeGradient(learner, context);
      const named = (of: typeof local) => Object.fromEntries(inner.map((name) => [name, of[ownName(name)]]));
      if (step > post) learner.restore(named(local));
      const loss = await learner.steps(length(step), rows, step);
      await learner.save({ parameters: out, ...named(next) });
      return loss / parts;
    },
    aggregate: (piece, reduce) => (piece.step < post ? applyGradient(piece, reduce) : mean(piece, reduce)),
  };
}

/** The name of what the optimizer of a part keeps, beside what the common one has. */
const ownName = (name: string): string => `${name}.own`;
