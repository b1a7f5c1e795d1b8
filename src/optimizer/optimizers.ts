/** Optimizers of models, and the parts that chains are made of. */
import { UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { type UpdateRule, updateRules } from "../program/op.js";
import { defaultOptimizer, type OptimizerConfig, updateRule } from "./optimizer.js";
import type { RateFactor } from "./rates.js";
import type { Optimizer } from "./transform.js";

export { chain, custom, type Link, type Optimizer, type Transform } from "./transform.js";
export { type LambOptions, lamb } from "./transforms/lamb.js";
export { type LionOptions, lion } from "./transforms/lion.js";

/** Settings of an update rule. Defaults: those of `train`. */
export type RuleOptions = Partial<Omit<OptimizerConfig, "name">>;

/** One of the rules of the library, which have kernels of their own: see `UpdateRule`. */
const ruled =
  (name: UpdateRule["name"]) =>
  (options: RuleOptions = {}): Optimizer => {
    const known = { learningRate: true, ...updateRules.get(name).defaults };
    refuseUnknownKeys<object>(options, known as Keys<object>, `optimizers.${name}`);
    const config = { ...defaultOptimizer(name), ...options };
    return { links: [{ rule: updateRule(config), learningRate: config.learningRate }] };
  };

/** Gradient descent. */
export const sgd = ruled("sgd");
/** Gradient descent with momentum (Polyak 1964). */
export const momentum = ruled("momentum");
/** Gradient descent with Nesterov's momentum. */
export const nesterov = ruled("nesterov");
/** Rates that fall with the squares of all gradients (Duchi et al. 2011). */
export const adagrad = ruled("adagrad");
/** Rates by a running average of squares (Tieleman & Hinton 2012). */
export const rmsprop = ruled("rmsprop");
/** Steps in the units of the parameters (Zeiler 2012). */
export const adadelta = ruled("adadelta");
/** Averages of gradients and of their squares (Kingma & Ba 2015). */
export const adam = ruled("adam");
/** Adam with decoupled weight decay (Loshchilov & Hutter 2019). */
export const adamw = ruled("adamw");

/** Gradients longer than `maximum`, all parameters together, are made that long. */
export function clipByNorm(maximum: number): Optimizer {
  checkAboveZero("clipByNorm", maximum);
  const factor = ["where", ["less", maximum, "norm"], ["div", maximum, "norm"], 1] as const;
  return { links: [{ transform: { norms: { norm: { of: "g" } }, update: { g: ["mul", "g", factor] } } }] };
}

/** Each element of the gradients is kept within `maximum` of 0. */
export function clipByValue(maximum: number): Optimizer {
  checkAboveZero("clipByValue", maximum);
  return { links: [{ transform: { update: { g: ["max", -maximum, ["min", maximum, "g"]] } } }] };
}

/** Adds `factor` times the parameters to the gradients: put it behind clipping. */
export function weightDecay(factor: number): Optimizer {
  return { links: [{ transform: { update: { g: ["add", "g", ["mul", factor, "p"]] } } }] };
}

/** Multiplies the learning rate of the chain: by one of `schedules`, or by any function of the step. */
export function schedule(rate: RateFactor): Optimizer {
  if (typeof rate !== "function") {
    throw new UsageError("schedule takes a function of the step, such as schedules.cosine()");
  }
  return { links: [{ rate }] };
}

function checkAboveZero(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new UsageError(`${name}: the bound must be above 0, got ${value}`);
}
