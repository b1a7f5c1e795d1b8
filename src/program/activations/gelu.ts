import { defineActivation } from "../activation-definition.js";

const SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the tanh form of Hendrycks & Gimpel 2016, section 2 */
export const gelu = defineActivation({
  name: "gelu",
  derivativeFrom: "input",
  value: (x) => 0.5 * x * (1 + Math.tanh(SCALE * (x + CUBIC * x ** 3))),
  derivative: (x) => {
    const t = Math.tanh(SCALE * (x + CUBIC * x ** 3));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SCALE * (1 + 3 * CUBIC * x * x);
  },
  flops: { value: 9, derivative: 18 },
});
