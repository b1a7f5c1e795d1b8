import { defineActivation } from "../activation-definition.js";

/** tanh(x) */
export const tanh = defineActivation({
  name: "tanh",
  derivativeFrom: "output",
  value: Math.tanh,
  derivative: (y) => 1 - y * y,
  flops: { value: 1, derivative: 2 },
});
