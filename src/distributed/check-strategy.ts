/** What of a strategy can be refused before there are data: its name, its options, and what it cannot be combined with. */
import { UsageError } from "../error.js";
import { isGradientStep } from "../strategies/gradient-step.js";
import { loadStrategy, makeStrategy } from "../strategies/registry.js";
import { strategyRun } from "../strategies/strategy-run.js";
import type { TrainingConfig } from "../training/config.js";
import { choiceText, SYNCHRONOUS } from "../training/strategy-choice.js";

/** The facts of a run that are not known yet: strategies of the package check their options whatever these are. */
const UNKNOWN = { images: 1, steps: 1, batch: 1, parts: 1, seed: 0, rate: () => 0 };

/** @throws UsageError. The options of a module are its own: it sees them when the data are there. */
export async function checkStrategy(
  { strategy: choice = SYNCHRONOUS, precision }: Pick<TrainingConfig, "strategy" | "precision">,
  pipeline = false,
): Promise<void> {
  const factory = await loadStrategy(choice);
  if (pipeline && choice !== SYNCHRONOUS) {
    throw new UsageError(`a pipeline is one replica: leave strategy ${choiceText(choice)} out`);
  }
  if (typeof choice === "object" && "module" in choice) return;
  const run = strategyRun({ length: 1, state: ["parameters"] }, UNKNOWN);
  const strategy = makeStrategy(factory, choice, run);
  if (!isGradientStep(strategy, run)) checkPrecision(strategy.name, precision);
}

/** @throws UsageError for a precision that needs more than the strategy keeps */
export function checkPrecision(strategy: string, precision: TrainingConfig["precision"]): void {
  if (precision !== "f16") return;
  throw new UsageError(`precision f16 has a loss scale, which strategy ${strategy} does not keep: use bf16 or f32`);
}
