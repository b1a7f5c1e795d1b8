import { defineActivation } from "../activation-definition.js";

/** x */
export const linear = defineActivation({
  name: "linear",
  derivativeFrom: "output",
  value: (x) => x,
  derivative: () => 1,
  flops: { value: 0, derivative: 0 },
});
