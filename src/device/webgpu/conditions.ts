/** The `@if` conditions that pick activations in shaders/shared/activation.wgsl. */
import type { Activation } from "../../program/op.js";

const word = (activation: Activation): string => activation.replace("-", "_");

/** The conditions under which the function `activate` is this activation. */
export function activates(activation: Activation): string[] {
  return ["activate", `activate_${word(activation)}`];
}

/** The conditions under which the function `derivative` is the derivative of this activation. */
export function derives(activation: Activation): string[] {
  return ["derivative", `derivative_${word(activation)}`];
}
