import { defineActivation } from "../activation-definition.js";

/** Slope of leaky-relu below zero. */
export const LEAKY_SLOPE = 0.01;

/** x > 0 ? x : 0.01 x */
export const leakyRelu = defineActivation({
  name: "leaky-relu",
  derivativeFrom: "output",
  value: (x) => (x > 0 ? x : LEAKY_SLOPE * x),
  derivative: (y) => (y > 0 ? 1 : LEAKY_SLOPE),
  flops: { value: 2, derivative: 1 },
});
