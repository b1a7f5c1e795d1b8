import type { RuleDefinition } from "../rule-definition.js";

/** s = rho s + (1 - rho) g^2; u = g sqrt(d + epsilon) / sqrt(s + epsilon); d = rho d + (1 - rho) u^2; p -= r u */
export interface AdadeltaRule {
  readonly name: "adadelta";
  readonly rho: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const adadelta: RuleDefinition<AdadeltaRule> = {
  name: "adadelta",
  state: ["squares", "deltas"],
  learningRate: 1,
  defaults: { rho: 0.95, epsilon: 1e-6, weightDecay: 0 },
  decay: "gradient",
  flops: 16,
  step({ rho, epsilon }, { p, state }, g, { r }) {
    const s = rho * state[0] + (1 - rho) * g * g;
    const u = (g * Math.sqrt(state[1] + epsilon)) / Math.sqrt(s + epsilon);
    const d = rho * state[1] + (1 - rho) * u * u;
    return { p: p - r * u, state: [s, d] };
  },
};
