import type { RuleDefinition } from "../rule-definition.js";

/** p -= r g */
export interface SgdRule {
  readonly name: "sgd";
  readonly weightDecay: number;
}

export const sgd: RuleDefinition<SgdRule> = {
  name: "sgd",
  state: [],
  learningRate: 0.1,
  defaults: { weightDecay: 0 },
  decay: "gradient",
  flops: 2,
  step: (_, { p }, g, { r }) => ({ p: p - r * g, state: [] }),
};
