/** The `@if` conditions that pick activations in shaders/activation.wgsl. */
import type { Activation } from "../../program/op.js";

const word = (activation: Activation): string => activation.replace("-", "_");

/** Names the function `activate`. */
export function activates(activation: Activation): string[] {
  return ["activate", `activate_${word(activation)}`];
}

/** Names the function `derivative`. */
export function derives(activation: Activation): string[] {
  return ["derivative", `derivative_${word(activation)}`];
}
