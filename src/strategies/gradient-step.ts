/**
 * One step by the summed gradient of all parts. A strategy that takes `contribute` and `aggregate` from here, and the rows
 * of a step, is recognised by it: workers then enqueue their gradients, and go through many rounds at a time without
 * being told (`gradient-rounds.ts`). The bits are the same either way.
 */
import type { Strategy, StrategyRun } from "./strategy.js";

export const contributeGradient: Strategy["contribute"] = (learner, { rows, out }) => learner.gradient(rows, out);

export const applyGradient: Strategy["aggregate"] = async (piece, reduce) => piece.update(await reduce.sum());

/** Whether nothing of a strategy is more than a step by the summed gradient. */
export function isGradientStep(strategy: Strategy, run: StrategyRun): boolean {
  const { parts, contribute, aggregate, rows, consistency, phases = 1, local = [], exchange, participants } = strategy;
  const { delay = 0 } = consistency ?? {};
  const isStep = contribute === contributeGradient && aggregate === applyGradient && rows === run.stepRows;
  const isOnlyState =
    strategy.global.length === run.state.length &&
    strategy.global.every(({ name, initial }, i) => name === run.state[i] && (i > 0 || initial === "parameters"));
  const isBare = local.length === 0 && phases === 1 && delay === 0 && !exchange && !participants;
  return isStep && isBare && isOnlyState && parts === run.parts && strategy.advance(0).steps === 1;
}
