/** What the rounds of a private run reveal. It follows from their number alone, so a resumed run counts on. */
import { epsilonByLossDistribution } from "../privacy/loss-distribution.js";
import { epsilonByRenyi, renyiCurve } from "../privacy/renyi.js";
import { type Rounds, roundAt } from "../strategies/rounds/replica.js";
import type { PrivacyBound } from "../training/event.js";
import type { Spending } from "../training/run-folder/run-log.js";

/** Undefined for a run that is not private. */
export function spending(rounds: Rounds): Spending | undefined {
  if (!rounds.privacy) return undefined;
  const { noise, rate, delta, unit } = rounds.privacy;
  const { orders, divergences } = renyiCurve({ noise, rate, steps: 1 });
  const bound = (epsilon: number): PrivacyBound => ({ epsilon, delta, unit });
  const count = (step: number): number => roundAt(rounds, step);
  const quickly = (step: number): PrivacyBound => {
    if (step === 0) return bound(0);
    return bound(epsilonByRenyi({ orders, divergences: divergences.map((one) => one * count(step)) }, delta));
  };
  return {
    quickly,
    exactly(step) {
      if (step === 0) return bound(0);
      const tightest = epsilonByLossDistribution({ noise, rate, steps: count(step) }, delta);
      return bound(Math.min(tightest, quickly(step).epsilon));
    },
  };
}
