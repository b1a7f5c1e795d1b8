/** A run with its strategy: it ends with a whole round, so its length may be a little more than was asked for. */
import { choiceText } from "../choice.js";
import { type RoundProgram, roundAt } from "../strategies/replica.js";
import type { Plan } from "../training/plan.js";
import { SYNCHRONOUS } from "../training/strategy-choice.js";
import { loadNamed, programOf, type RunTask } from "./task.js";

interface StrategicRun {
  readonly plan: Plan;
  readonly task: RunTask;
  readonly strategy: RoundProgram;
}

/** @throws UsageError when there is no such strategy, or when the run cannot have it */
export async function inWholeRounds(plan: Plan, asked: RunTask): Promise<StrategicRun> {
  const choice = asked.config.strategy ?? SYNCHRONOUS;
  const named = await loadNamed(asked.config);
  const strategy = programOf(asked, named);
  const steps = strategy.stepAt(roundAt(strategy, asked.steps));
  if (steps === asked.steps) return { plan, task: asked, strategy };
  const round = strategy.stepAt(strategy.exchanges ?? 1);
  const remark = `${steps} steps instead of ${asked.steps}: a round of ${choiceText(choice)} has ${round} steps`;
  const config = plan.config.steps === undefined ? plan.config : { ...plan.config, steps };
  const task = { ...asked, config: { ...asked.config, steps: config.steps }, steps };
  const whole = { ...plan, config, steps, remarks: [...plan.remarks, remark] };
  return { plan: whole, task, strategy: programOf(task, named) };
}
