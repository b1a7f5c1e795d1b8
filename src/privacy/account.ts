/** What a number of private steps costs, by each accountant, and the noise that keeps within a budget. */
import { UsageError } from "../error.js";
import { epsilonByLossDistribution } from "./loss-distribution.js";
import { epsilonByOldConversion, epsilonByRenyi, renyiCurve } from "./renyi.js";
import type { SubsampledGaussian } from "./subsampled-gaussian.js";

/** The epsilon of a run at one delta. Each is an upper bound, and the least of them holds. */
export interface PrivacySpent {
  readonly delta: number;
  /** By RDP and the conversion of papers until 2020, for comparison with them. */
  readonly renyiBefore2020: number;
  /** By RDP and today's conversion. */
  readonly renyi: number;
  /** By the distribution of the privacy loss (PRV): the tightest. */
  readonly lossDistribution: number;
}

/** The noise that is looked for: beyond this no one trains. */
const NOISES: readonly [number, number] = [0.3, 1000];

/** The epsilon of all steps by each accountant. */
export function privacySpent(mechanism: SubsampledGaussian, delta: number): PrivacySpent {
  const curve = renyiCurve(mechanism);
  return {
    delta,
    renyiBefore2020: epsilonByOldConversion(curve, delta),
    renyi: epsilonByRenyi(curve, delta),
    lossDistribution: epsilonByLossDistribution(mechanism, delta),
  };
}

/**
 * The least noise, in steps of a thousandth, whose epsilon by the loss distribution is at most `epsilon`.
 * @throws UsageError where none within reason does
 */
export function noiseFor(
  { rate, steps }: Pick<SubsampledGaussian, "rate" | "steps">,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
): number {
  const byRenyi = (noise: number): number => epsilonByRenyi(renyiCurve({ noise, rate, steps }), delta);
  const exactly = (noise: number): number => epsilonByLossDistribution({ noise, rate, steps }, delta);
  const [least, most] = NOISES;
  if (byRenyi(most) > epsilon) {
    throw new UsageError(
      `epsilon ${epsilon} at delta ${delta} needs more than a noise of ${most}: take fewer steps, a smaller batch or a greater epsilon`,
    );
  }
  if (exactly(least) <= epsilon) return least;
  // RDP is quick, and never says too little.
  const enough = search(least, most, (noise) => byRenyi(noise) <= epsilon);
  return search(least, enough, (noise) => exactly(noise) <= epsilon);
}

/** The least value that is enough, a thousandth too high at most. @param most a value that is enough */
function search(least: number, most: number, isEnough: (value: number) => boolean): number {
  let [low, high] = [least, most];
  while (high > 1.0005 * low) {
    const middle = Math.sqrt(low * high);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return Math.ceil(high * 1000) / 1000;
}
