import type { RuleDefinition } from "../rule-definition.js";

/** v = mu v + g; p -= r (g + mu v)   (Sutskever et al. 2013, in the form of current libraries) */
export interface NesterovRule {
  readonly name: "nesterov";
  readonly mu: number;
  readonly weightDecay: number;
}

export const nesterov: RuleDefinition<NesterovRule> = {
  name: "nesterov",
  state: ["velocity"],
  learningRate: 0.05,
  defaults: { mu: 0.9, weightDecay: 0 },
  decay: "gradient",
  flops: 6,
  step({ mu }, { p, state }, g, { r }) {
    const v = mu * state[0] + g;
    return { p: p - r * (g + mu * v), state: [v] };
  },
};
