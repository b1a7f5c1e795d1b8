/** A run with its strategy: it ends with a whole round, so its length may be a little more than was asked for. */
import { choiceText } from "../choice.js";
import { UsageError } from "../error.js";
import { type Rounds, roundAt } from "../strategies/rounds/replica.js";
import { SYNCHRONOUS } from "../training/config/strategy-choice.js";
import type { Plan } from "../training/plan.js";
import { checkLink } from "./check-link.js";
import { checkPrivateRows } from "./check-private.js";
import { loadNamed, programOf, type RunTask } from "./task.js";

interface StrategicRun {
  readonly plan: Plan;
  readonly task: RunTask;
  readonly strategy: Rounds;
}

/** @throws UsageError when there is no such strategy, or when the run cannot have it */
export async function inWholeRounds(plan: Plan, asked: RunTask): Promise<StrategicRun> {
  const choice = asked.config.strategy ?? SYNCHRONOUS;
  const named = await loadNamed(asked.config);
  const strategy: Rounds = programOf(asked, named);
  checkLink(asked.link, strategy, asked);
  if (strategy.privacy) checkPrivateRows(strategy.privacy, plan, choiceText(choice));
  const last = roundAt(strategy, asked.steps);
  const steps = strategy.stepAt(last);
  if (steps === asked.steps) return fromItsRound({ plan, task: asked, strategy });
  const round = steps - strategy.stepAt(last - (strategy.exchanges ?? 1));
  const name = choiceText(choice);
  const remark = `${steps} steps instead of ${asked.steps}: a round of ${name} has ${round} steps`;
  const config = plan.config.steps === undefined ? plan.config : { ...plan.config, steps };
  const task = { ...asked, config: { ...asked.config, steps: config.steps }, steps };
  const whole = { ...plan, config, steps, remarks: [...plan.remarks, remark] };
  const longer = programOf(task, named);
  if (longer.stepAt(roundAt(longer, steps)) !== steps) {
    throw new UsageError(
      `strategy ${name}: in a run of ${steps} steps its rounds do not end with step ${steps}, and in one of ${asked.steps} not with step ${asked.steps}: end the last round with the run (run.steps)`,
    );
  }
  return fromItsRound({ plan: whole, task, strategy: longer });
}

/** @throws UsageError for a checkpoint within a round: the rounds of some strategies depend on the length of the run */
function fromItsRound(run: StrategicRun): StrategicRun {
  const { plan, task, strategy } = run;
  const { step } = plan.checkpoint?.state ?? { step: 0 };
  if (strategy.stepAt(roundAt(strategy, step)) === step) return run;
  const name = choiceText(task.config.strategy ?? SYNCHRONOUS);
  throw new UsageError(
    `cannot resume: in a run of ${plan.steps} steps no round of ${name} ends with step ${step}, where the checkpoint is: resume with the length that the run had`,
  );
}
