import type { RuleDefinition } from "../rule-definition.js";

/** s = rho s + (1 - rho) g^2; p -= r g / (sqrt(s) + epsilon) */
export interface RmspropRule {
  readonly name: "rmsprop";
  readonly rho: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const rmsprop: RuleDefinition<RmspropRule> = {
  name: "rmsprop",
  state: ["squares"],
  learningRate: 0.001,
  defaults: { rho: 0.9, epsilon: 1e-8, weightDecay: 0 },
  decay: "gradient",
  flops: 9,
  step({ rho, epsilon }, { p, state }, g, { r }) {
    const s = rho * state[0] + (1 - rho) * g * g;
    return { p: p - (r * g) / (Math.sqrt(s) + epsilon), state: [s] };
  },
};
