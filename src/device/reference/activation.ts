/** The activations of `program/op.ts` and their derivatives, one number at a time. */
import { type Activation, LEAKY_SLOPE } from "../../program/op.js";

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

export function activate(activation: Activation, x: number): number {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return Math.max(x, 0);
    case "leaky-relu":
      return x > 0 ? x : LEAKY_SLOPE * x;
    case "sigmoid":
      return 1 / (1 + Math.exp(-x));
    case "tanh":
      return Math.tanh(x);
    case "gelu":
      return 0.5 * x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3)));
  }
}

/** The derivative at `at`: the activation's output y, or its input x where `derivativeFrom` says so. */
export function derivative(activation: Activation, at: number): number {
  switch (activation) {
    case "linear":
      return 1;
    case "relu":
      return at > 0 ? 1 : 0;
    case "leaky-relu":
      return at > 0 ? 1 : LEAKY_SLOPE;
    case "sigmoid":
      return at * (1 - at);
    case "tanh":
      return 1 - at * at;
    case "gelu": {
      const t = Math.tanh(GELU_SCALE * (at + GELU_CUBIC * at ** 3));
      return 0.5 * (1 + t) + 0.5 * at * (1 - t * t) * GELU_SCALE * (1 + 3 * GELU_CUBIC * at * at);
    }
  }
}
