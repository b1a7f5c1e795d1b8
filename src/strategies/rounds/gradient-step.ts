/**
 * One step by the summed gradient of all parts. `isGradientStep` recognises a strategy that takes `contribute` and `aggregate`
 * from this file and `rows` from the run. Such a strategy runs as `gradient-rounds.ts`: workers enqueue their gradients, and a
 * lease lets them run many rounds without the coordinator. The bits are the same as those of `bulk-rounds.ts`.
 */
import { delayOf, isFree } from "../consistency.js";
import type { Strategy, StrategyRun } from "../strategy.js";

export const contributeGradient: Strategy["contribute"] = (learner, { rows, out }) => learner.gradient(rows, out);

export const applyGradient: Strategy["aggregate"] = async (piece, reduce) => piece.update(await reduce.sum());

/** Whether a strategy is a step by the summed gradient, and nothing more. */
export function isGradientStep(strategy: Strategy, run: StrategyRun): boolean {
  const { parts, contribute, aggregate, rows, phases = 1, local = [], exchange, participants } = strategy;
  if (isFree(strategy)) return false;
  const isStep = contribute === contributeGradient && aggregate === applyGradient && rows === run.stepRows;
  const isOnlyState =
    strategy.global.length === run.state.length &&
    strategy.global.every(({ name, initial }, i) => name === run.state[i] && (i > 0 || initial === "parameters"));
  const isBare = local.length === 0 && phases === 1 && delayOf(strategy) === 0 && !exchange && !participants;
  return isStep && isBare && isOnlyState && parts === run.parts && strategy.advance(0).steps === 1;
}
