/** What a loss is: a function of one input and its target with its derivative, summed over all elements by the op. */
export interface LossDefinition<Name extends string = string> {
  readonly name: Name;
  value(input: number, target: number): number;
  /** The derivative with respect to the input. */
  gradient(input: number, target: number): number;
  /** Operations of one element, counted as `device/cost` counts: the addition to the sum included, and the scale of the gradient. */
  readonly flops: { readonly value: number; readonly gradient: number };
}

/** Keeps the name as a type. */
export function defineLoss<const Name extends string>(definition: LossDefinition<Name>): LossDefinition<Name> {
  return definition;
}
