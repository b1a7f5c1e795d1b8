/** What an activation is: a function of one number with its derivative, and what both cost. */
export interface ActivationDefinition<Name extends string = string> {
  readonly name: Name;
  /** What the derivative is computed from: the activation's output, or its input. */
  readonly derivativeFrom: "output" | "input";
  value(x: number): number;
  /** The derivative at `at`: the activation's output, or its input where `derivativeFrom` says so. */
  derivative(at: number): number;
  /** Operations of the value, and of the derivative alone, counted as `device/cost` counts. */
  readonly flops: { readonly value: number; readonly derivative: number };
}

/** Keeps the name as a type. */
export function defineActivation<const Name extends string>(
  definition: ActivationDefinition<Name>,
): ActivationDefinition<Name> {
  return definition;
}
