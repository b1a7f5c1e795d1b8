import type { RuleDefinition } from "../rule-definition.js";

/** s += g^2; p -= r g / (sqrt(s) + epsilon) */
export interface AdagradRule {
  readonly name: "adagrad";
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adagrad: RuleDefinition<AdagradRule> = {
  name: "adagrad",
  state: ["squares"],
  learningRate: 0.01,
  defaults: { epsilon: 1e-8, weightDecay: 0 },
  decay: "gradient",
  flops: 7,
  step({ epsilon }, { p, state }, g, { r }) {
    const s = state[0] + g * g;
    return { p: p - (r * g) / (Math.sqrt(s) + epsilon), state: [s] };
  },
};
