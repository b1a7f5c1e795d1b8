import type { Random } from "../world/random.js";

/** A way to draw the initial weights of a dense layer. */
export interface InitialiserDefinition<Name extends string = string> {
  readonly name: Name;
  /** The weights `[inputs, outputs]`, row-major. Equal states of `random` give equal weights. */
  draw(inputs: number, outputs: number, random: Random): Float32Array;
}

/** Returns the definition, with its name as a literal type. */
export function defineInitialiser<const Name extends string>(
  definition: InitialiserDefinition<Name>,
): InitialiserDefinition<Name> {
  return definition;
}

/** `count` weights, each drawn independently. */
export function drawEach(count: number, next: () => number): Float32Array {
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) weights[i] = next();
  return weights;
}
