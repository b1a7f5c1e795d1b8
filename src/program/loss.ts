/** The table of losses. Each has a file in `losses/`. */
import { Definitions, type UserName } from "../definitions.js";
import type { LossDefinition } from "./loss-definition.js";
import { bce } from "./losses/bce.js";
import { mse } from "./losses/mse.js";

const BUILT_IN = [mse, bce] as const;

/** A loss that every device has a kernel for. */
export type BuiltInLoss = (typeof BUILT_IN)[number]["name"];
/**
 * Losses sum over all elements and multiply by the op's `scale` (1 / elements gives the usual mean).
 * - mse: (input - target)^2; gradient 2 (input - target)
 * - bce: binary cross-entropy of sigmoid(input) against target in [0, 1], in the stable form
 *   max(z, 0) - z t + log(1 + exp(-|z|)); gradient sigmoid(z) - t. `input` is the logit z: the sigmoid is fused.
 * - a user's own, by the name that it was defined with
 */
export type Loss = BuiltInLoss | UserName;

/** The names of the library's losses. */
export const LOSSES: readonly BuiltInLoss[] = BUILT_IN.map(({ name }) => name);

/** All losses by name: those of the library, and those that users add. */
export const losses = new Definitions<LossDefinition>("loss", BUILT_IN);
