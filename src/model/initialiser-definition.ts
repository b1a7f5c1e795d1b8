import type { Random } from "../world/random.js";

/** A way to draw the initial weights of a dense layer. */
export interface InitialiserDefinition<Name extends string = string> {
  readonly name: Name;
  /** `[inputs, outputs]`, row-major: the same for the same state of `random`. */
  draw(inputs: number, outputs: number, random: Random): Float32Array;
}

/** Keeps the name as a type. */
export function defineInitialiser<const Name extends string>(
  definition: InitialiserDefinition<Name>,
): InitialiserDefinition<Name> {
  return definition;
}

/** `count` weights, each drawn by itself. */
export function drawEach(count: number, next: () => number): Float32Array {
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) weights[i] = next();
  return weights;
}
