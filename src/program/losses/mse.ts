import { defineLoss } from "../loss-definition.js";

/** (input - target)^2; gradient 2 (input - target) */
export const mse = defineLoss({
  name: "mse",
  value: (input, target) => (input - target) ** 2,
  gradient: (input, target) => 2 * (input - target),
  flops: { value: 3, gradient: 2 },
});
