import type { Parameter, RuleDefinition, Scalars } from "../rule-definition.js";

/** m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= r (m / c1) / (sqrt(v / c2) + epsilon) */
export interface AdamRule {
  readonly name: "adam";
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The hyperparameters of the step itself. */
type Moments = Omit<AdamRule, "name" | "weightDecay">;

/** One step of Adam, without weight decay. */
export function adamStep(
  { beta1, beta2, epsilon }: Moments,
  { p, state }: Parameter,
  g: number,
  { r, c1, c2 }: Scalars,
): Parameter {
  const m = beta1 * state[0] + (1 - beta1) * g;
  const v = beta2 * state[1] + (1 - beta2) * g * g;
  return { p: p - (r * (m / c1)) / (Math.sqrt(v / c2) + epsilon), state: [m, v] };
}

/** 1 - beta^t, in double precision: for small t beta^t is close to 1, and most digits of the difference cancel. */
export function adamCorrections({ beta1, beta2 }: Moments, t: number): readonly [c1: number, c2: number] {
  return [1 - beta1 ** t, 1 - beta2 ** t];
}

export const adam: RuleDefinition<AdamRule> = {
  name: "adam",
  state: ["first", "second"],
  learningRate: 0.001,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
  decay: "gradient",
  corrections: adamCorrections,
  flops: 14,
  step: adamStep,
};
