/**
 * The table of initialisers. Each has a file in `initialisers/`, and draws the initial weights of a dense layer,
 * `[inputs, outputs]` row-major, from a seeded generator. All aim to keep the scale of a signal through many layers. They differ
 * in the activation that they assume.
 */
import { Definitions, type UserName } from "../definitions.js";
import type { Random } from "../world/random.js";
import type { InitialiserDefinition } from "./initialiser-definition.js";
import { glorot } from "./initialisers/glorot.js";
import { he } from "./initialisers/he.js";
import { lecun } from "./initialisers/lecun.js";
import { orthogonal } from "./initialisers/orthogonal.js";
import { sparse } from "./initialisers/sparse.js";

const BUILT_IN = [glorot, he, lecun, orthogonal, sparse] as const;

/**
 * - glorot: uniform in +-sqrt(6 / (inputs + outputs))   (Glorot & Bengio 2010, eq. 16)
 * - he: normal with variance 2 / inputs   (He et al. 2015, eq. 10)
 * - lecun: normal with variance 1 / inputs   (LeCun et al. 1998, section 4.6)
 * - orthogonal: orthonormal rows or columns, whichever are fewer   (Saxe et al. 2014)
 * - sparse: each unit has 15 non-zero incoming weights, standard normal   (Martens 2010, section 5)
 * - a user's own, by the name that it was defined with
 */
export type Initialiser = (typeof BUILT_IN)[number]["name"] | UserName;

/** The names of the library's initialisers. */
export const INITIALISERS = BUILT_IN.map(({ name }) => name);

/** All initialisers by name: those of the library, and those that users add. */
export const initialisers = new Definitions<InitialiserDefinition>("initialiser", BUILT_IN);

export function initialWeights(name: Initialiser, inputs: number, outputs: number, random: Random): Float32Array {
  return initialisers.get(name).draw(inputs, outputs, random);
}
