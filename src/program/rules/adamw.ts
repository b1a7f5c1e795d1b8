import type { RuleDefinition } from "../rule-definition.js";
import { adamCorrections, adamStep } from "./adam.js";

/** As adam, but p -= r weightDecay p comes first, and g has no decay   (Loshchilov & Hutter 2019) */
export interface AdamwRule {
  readonly name: "adamw";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adamw: RuleDefinition<AdamwRule> = {
  name: "adamw",
  state: ["first", "second"],
  learningRate: 0.001,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  decay: "decoupled",
  corrections: adamCorrections,
  flops: 14,
  step(rule, { p, state }, g, scalars) {
    return adamStep(rule, { p: p - scalars.r * rule.weightDecay * p, state }, g, scalars);
  },
};
