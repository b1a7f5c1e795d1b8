/** The update rules of `program/op.ts`, one parameter at a time. */
import type { UpdateRule } from "../../program/op.js";

/** One parameter p with its state slots, in the order of `STATE_SLOTS`. */
export interface Parameter {
  readonly p: number;
  readonly state: readonly number[];
}

/** Learning rate r and the bias corrections c1 and c2: the columns of `UpdateOp.scalars`. */
export interface Scalars {
  readonly r: number;
  readonly c1: number;
  readonly c2: number;
}

/** Where `rule` takes a parameter that has the (already scaled) gradient `gradient`. */
export function update(rule: UpdateRule, { p, state }: Parameter, gradient: number, { r, c1, c2 }: Scalars): Parameter {
  const g = rule.name === "adamw" ? gradient : gradient + rule.weightDecay * p;
  switch (rule.name) {
    case "sgd":
      return { p: p - r * g, state: [] };
    case "momentum": {
      const v = rule.mu * state[0] + g;
      return { p: p - r * v, state: [v] };
    }
    case "nesterov": {
      const v = rule.mu * state[0] + g;
      return { p: p - r * (g + rule.mu * v), state: [v] };
    }
    case "adagrad": {
      const s = state[0] + g * g;
      return { p: p - (r * g) / (Math.sqrt(s) + rule.epsilon), state: [s] };
    }
    case "rmsprop": {
      const s = rule.rho * state[0] + (1 - rule.rho) * g * g;
      return { p: p - (r * g) / (Math.sqrt(s) + rule.epsilon), state: [s] };
    }
    case "adadelta": {
      const s = rule.rho * state[0] + (1 - rule.rho) * g * g;
      const u = (g * Math.sqrt(state[1] + rule.epsilon)) / Math.sqrt(s + rule.epsilon);
      const d = rule.rho * state[1] + (1 - rule.rho) * u * u;
      return { p: p - r * u, state: [s, d] };
    }
    case "adam":
    case "adamw": {
      const decayed = rule.name === "adamw" ? p - r * rule.weightDecay * p : p;
      const m = rule.beta1 * state[0] + (1 - rule.beta1) * g;
      const v = rule.beta2 * state[1] + (1 - rule.beta2) * g * g;
      return { p: decayed - (r * (m / c1)) / (Math.sqrt(v / c2) + rule.epsilon), state: [m, v] };
    }
  }
}
