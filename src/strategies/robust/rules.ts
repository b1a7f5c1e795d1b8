/** The robust rules by name, and what a strategy needs to use one. */
import type { ChoiceOptions } from "../../choice.js";
import { brief, UsageError, unknownWord } from "../../error.js";
import type { Reduction } from "../rounds/reduction.js";
import { geometricMedian } from "./geometric-median.js";
import { krum, multiKrum } from "./krum.js";
import { median } from "./median.js";
import { normBound } from "./norm-bound.js";
import type { RobustRule } from "./rule.js";
import { trimmedMean } from "./trimmed-mean.js";

const rules: Readonly<Record<string, RobustRule>> = {
  median,
  "trimmed-mean": trimmedMean,
  krum,
  "multi-krum": multiKrum,
  "geometric-median": geometricMedian,
  "norm-bound": normBound,
};

/** The share of contributions that may be poisoned where the user does not say. */
const USUAL = 0.2;

/** Makes one vector of the contributions of a round. */
export type Combine = (reduce: Reduction) => Promise<Float32Array>;

/**
 * The rule that the option `key` names, for rounds of `count` contributions, of which the option `faulty` may be poisoned.
 * @throws UsageError when there is no such rule, or it cannot withstand that many poisoned contributions
 */
export function robustRule(strategy: string, options: ChoiceOptions, key: string, count: number): Combine {
  const name = options[key];
  const rule = typeof name === "string" && Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (!rule) {
    throw new UsageError(`strategy ${strategy}: ${unknownWord(key, String(name), Object.keys(rules)).message}`);
  }
  const most = Math.max(0, rule.most(count));
  const { faulty = Math.min(most, Math.floor(USUAL * count)) } = options;
  if (typeof faulty !== "number" || !Number.isSafeInteger(faulty) || faulty < 0) {
    throw new UsageError(`strategy ${strategy}: faulty must be a whole number from 0, got ${brief(faulty)}`);
  }
  if (faulty > most && count > 1) {
    throw new UsageError(
      `strategy ${strategy}: ${name} of ${count} contributions withstands ${most} at most, got faulty=${faulty}: have more contributions`,
    );
  }
  return async (reduce) => {
    const vectors: Float32Array[] = [];
    for (const part of reduce.parts) vectors.push(await reduce.each(part));
    return rule.combine(vectors, Math.min(faulty, Math.max(0, rule.most(vectors.length))));
  };
}
