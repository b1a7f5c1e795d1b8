/**
 * The tables of definitions: those of the library, and those that users add by `add`, under a name with a slash. Each
 * table has `names()`, `get(name)` and `has(name)`.
 */
export { Definitions, type UserName } from "../definitions.js";
export { initialisers } from "../model/initialiser.js";
export { defineInitialiser, type InitialiserDefinition } from "../model/initialiser-definition.js";
export { schedules } from "../optimizer/schedule.js";
export {
  defineSchedule,
  type Position,
  type ScheduleDefinition,
  type ScheduleSettings,
} from "../optimizer/schedule-definition.js";
export type { Abilities, Activated, Gradients, Target } from "../program/gradient-rule.js";
export {
  type ActivationDefinition,
  type AnyOp,
  type AnyRule,
  activations,
  defineActivation,
  defineLoss,
  type Elements,
  type LossDefinition,
  losses,
  type Memory,
  type NamedFunction,
  type NativeKernel,
  type OpDefinition,
  type Operands,
  type OpRules,
  ops,
  type Parameter,
  type RuleDefinition,
  type Scalars,
  type ShaderKernel,
  updateRules,
} from "../program/op.js";
export type { Views } from "../program/op-rules.js";
