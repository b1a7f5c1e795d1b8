import { defineActivation } from "../activation-definition.js";

/** 1 / (1 + exp(-x)) */
export const sigmoid = defineActivation({
  name: "sigmoid",
  derivativeFrom: "output",
  value: (x) => 1 / (1 + Math.exp(-x)),
  derivative: (y) => y * (1 - y),
  flops: { value: 3, derivative: 2 },
});
