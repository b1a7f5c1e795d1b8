/** An update rule: how it changes one parameter, and the state that it keeps for each parameter. */

/** A rule in an op: its name and its hyperparameters. */
export interface AnyRule {
  readonly name: string;
  readonly weightDecay: number;
}

/** One parameter p, and its state slots in the order of `RuleDefinition.state`. */
export interface Parameter {
  readonly p: number;
  readonly state: readonly number[];
}

/** Learning rate r and the bias corrections c1 and c2: the columns of `UpdateOp.scalars`. */
export interface Scalars {
  readonly r: number;
  readonly c1: number;
  readonly c2: number;
}

/** An update rule: formula, state slots, usual hyperparameters. */
export interface RuleDefinition<R extends AnyRule = AnyRule> {
  readonly name: R["name"];
  /** Names of the state slots. Each slot is a vector as long as the parameters, zero at first. */
  readonly state: readonly string[];
  /** The base rate that the paper or the common libraries use. */
  readonly learningRate: number;
  /** Every hyperparameter, with its usual value. */
  readonly defaults: Readonly<Omit<R, "name">>;
  /** `gradient`: weight decay is added to the gradient (`g + weightDecay p`). `decoupled`: the rule applies it to the parameter. */
  readonly decay: "gradient" | "decoupled";
  /** The bias corrections c1 and c2 at update number t, from 1. Default: 1 and 1. */
  corrections?(rule: R, t: number): readonly [c1: number, c2: number];
  /** Operations for one parameter without weight decay, counted as `device/cost` counts. */
  readonly flops: number;
  /** The parameter after a step by the gradient g. `g` is already scaled, and includes the decay where `decay` is `gradient`. */
  step(rule: R, before: Parameter, g: number, scalars: Scalars): Parameter;
}
