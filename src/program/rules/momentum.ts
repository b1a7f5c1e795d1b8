import type { RuleDefinition } from "../rule-definition.js";

/** v = mu v + g; p -= r v */
export interface MomentumRule {
  readonly name: "momentum";
  readonly mu: number;
  readonly weightDecay: number;
}

export const momentum: RuleDefinition<MomentumRule> = {
  name: "momentum",
  state: ["velocity"],
  learningRate: 0.05,
  defaults: { mu: 0.9, weightDecay: 0 },
  decay: "gradient",
  flops: 4,
  step({ mu }, { p, state }, g, { r }) {
    const v = mu * state[0] + g;
    return { p: p - r * v, state: [v] };
  },
};
