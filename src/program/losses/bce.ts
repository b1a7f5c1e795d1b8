import { sigmoid } from "../activations/sigmoid.js";
import { defineLoss } from "../loss-definition.js";

/**
 * Binary cross-entropy of sigmoid(input) against target in [0, 1], in the stable form
 * max(z, 0) - z t + log(1 + exp(-|z|)); gradient sigmoid(z) - t. `input` is the logit z: the sigmoid is fused.
 */
export const bce = defineLoss({
  name: "bce",
  value: (z, target) => Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z))),
  gradient: (z, target) => sigmoid.value(z) - target,
  flops: { value: 8, gradient: 5 },
});
