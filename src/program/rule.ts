/** Update rules: the table of their definitions, one file each in `rules/`. */
import { Definitions, type UserName } from "../definitions.js";
import type { AnyRule, RuleDefinition } from "./rule-definition.js";
import { type AdadeltaRule, adadelta } from "./rules/adadelta.js";
import { type AdagradRule, adagrad } from "./rules/adagrad.js";
import { type AdamRule, adam } from "./rules/adam.js";
import { type AdamwRule, adamw } from "./rules/adamw.js";
import { type MomentumRule, momentum } from "./rules/momentum.js";
import { type NesterovRule, nesterov } from "./rules/nesterov.js";
import { type RmspropRule, rmsprop } from "./rules/rmsprop.js";
import { type SgdRule, sgd } from "./rules/sgd.js";

/** An update rule that every device has a kernel for. */
export type BuiltInRule =
  | SgdRule
  | MomentumRule
  | NesterovRule
  | AdagradRule
  | RmspropRule
  | AdadeltaRule
  | AdamRule
  | AdamwRule;

/** A rule that a user has defined; a type of theirs extends it by its hyperparameters, which are numbers. */
export interface UserRule {
  readonly name: UserName;
  readonly weightDecay: number;
}

/**
 * Update rules; g is the gradient (after `gradientScale` and weight decay), p the parameter, r the learning rate, and
 * the state slots are named in the order of `UpdateOp.state`. All but adamw add `weightDecay * p` to g first. The formula of
 * each is at its type: `SgdRule` and so on.
 * c1 = 1 - b1^t and c2 = 1 - b2^t come in with `scalars`: in float32 a device could not compute them well for small t.
 */
export type UpdateRule = BuiltInRule | UserRule;

const BUILT_IN = [
  sgd,
  momentum,
  nesterov,
  adagrad,
  rmsprop,
  adadelta,
  adam,
  adamw,
] as readonly RuleDefinition<AnyRule>[];

/** All update rules, users' own among them. */
export const updateRules = new Definitions<RuleDefinition>("update rule", BUILT_IN);

/** Every update rule of the library. */
export const UPDATE_RULES = BUILT_IN.map(({ name }) => name) as readonly BuiltInRule["name"][];

/** The names of the state slots of a rule, in the order of `UpdateOp.state`. */
export function stateSlots(name: UpdateRule["name"]): readonly string[] {
  return updateRules.get(name).state;
}
