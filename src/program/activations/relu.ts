import { defineActivation } from "../activation-definition.js";

/** max(x, 0) */
export const relu = defineActivation({
  name: "relu",
  derivativeFrom: "output",
  value: (x) => Math.max(x, 0),
  derivative: (y) => (y > 0 ? 1 : 0),
  flops: { value: 1, derivative: 1 },
});
