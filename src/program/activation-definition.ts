/** An activation: a function of one number, its derivative, and the cost of both. */
export interface ActivationDefinition<Name extends string = string> {
  readonly name: Name;
  /** Whether the derivative is computed from the activation's output or from its input. */
  readonly derivativeFrom: "output" | "input";
  /** The activation of one number. */
  value(x: number): number;
  /** The derivative. `at` is the activation's output or its input, as `derivativeFrom` says. */
  derivative(at: number): number;
  /** Operations of the value, and of the derivative alone, counted as `device/cost` counts. */
  readonly flops: { readonly value: number; readonly derivative: number };
}

/**
 * Returns the definition, with its name as a literal type.
 * @example
 * ```ts
 * import { definitions } from "dawnpour";
 *
 * const swish = definitions.defineActivation({
 *   name: "acme/swish",
 *   derivativeFrom: "input",
 *   value: (x) => x / (1 + Math.exp(-x)),
 *   derivative: (x) => (1 + Math.exp(-x) * (1 + x)) / (1 + Math.exp(-x)) ** 2,
 *   flops: { value: 3, derivative: 8 },
 * });
 * definitions.activations.add(swish);
 * console.log(definitions.activations.names().includes("acme/swish")); // true
 * ```
 */
export function defineActivation<const Name extends string>(
  definition: ActivationDefinition<Name>,
): ActivationDefinition<Name> {
  return definition;
}
