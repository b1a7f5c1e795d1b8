/** The table of update rules. Each has a file in `rules/`. */
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

/** A rule that a user has defined. The user's type extends this one by the hyperparameters, which are numbers. */
export interface UserRule {
  readonly name: UserName;
  readonly weightDecay: number;
}

/**
 * Update rules. The formula of each is at its type: `SgdRule` and so on. In a formula g is the gradient (after `gradientScale` and
 * weight decay), p the parameter and r the learning rate; the state slots follow the order of `UpdateOp.state`. All rules but adamw
 * add `weightDecay * p` to g first. c1 = 1 - b1^t and c2 = 1 - b2^t come with `scalars`, because for small t they are not exact
 * in float32.
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

/** All update rules by name: those of the library, and those that users add. */
export const updateRules = new Definitions<RuleDefinition>("update rule", BUILT_IN);

/** The names of the library's update rules. */
export const UPDATE_RULES = BUILT_IN.map(({ name }) => name) as readonly BuiltInRule["name"][];

/** The names of the state slots of a rule, in the order of `UpdateOp.state`. */
export function stateSlots(name: UpdateRule["name"]): readonly string[] {
  return updateRules.get(name).state;
}
