/** The table of activations. Each has a file in `activations/`. */
import { Definitions, type UserName } from "../definitions.js";
import type { ActivationDefinition } from "./activation-definition.js";
import { gelu } from "./activations/gelu.js";
import { leakyRelu } from "./activations/leaky-relu.js";
import { linear } from "./activations/linear.js";
import { relu } from "./activations/relu.js";
import { sigmoid } from "./activations/sigmoid.js";
import { tanh } from "./activations/tanh.js";

const BUILT_IN = [linear, relu, leakyRelu, sigmoid, tanh, gelu] as const;

/** An activation that every device has a kernel for. */
export type BuiltInActivation = (typeof BUILT_IN)[number]["name"];
/**
 * - linear: x
 * - relu: max(x, 0)
 * - leaky-relu: x > 0 ? x : 0.01 x
 * - sigmoid: 1 / (1 + exp(-x))
 * - tanh
 * - gelu: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the tanh form of Hendrycks & Gimpel 2016, section 2
 * - a user's own, by the name that it was defined with
 */
export type Activation = BuiltInActivation | UserName;

/** The names of the library's activations. */
export const ACTIVATIONS: readonly BuiltInActivation[] = BUILT_IN.map(({ name }) => name);

/** All activations by name: those of the library, and those that users add. */
export const activations = new Definitions<ActivationDefinition>("activation", BUILT_IN);

/** Whether the derivative of an activation is computed from its output or from its input (the pre-activation). */
export function derivativeFrom(activation: Activation): "output" | "input" {
  return activations.get(activation).derivativeFrom;
}
