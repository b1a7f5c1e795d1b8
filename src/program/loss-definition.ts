/** A loss: a function of one input and its target, and its derivative. The op sums it over all elements. */
export interface LossDefinition<Name extends string = string> {
  readonly name: Name;
  /** The loss of one element. */
  value(input: number, target: number): number;
  /** The derivative with respect to the input. */
  gradient(input: number, target: number): number;
  /** Operations of one element, counted as `device/cost` counts, with the addition to the sum and the scale of the gradient. */
  readonly flops: { readonly value: number; readonly gradient: number };
}

/** Returns the definition, with its name as a literal type. */
export function defineLoss<const Name extends string>(definition: LossDefinition<Name>): LossDefinition<Name> {
  return definition;
}
