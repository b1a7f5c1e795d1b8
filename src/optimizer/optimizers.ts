/** Optimizers of models, and the parts that chains are made of. */
import { UsageError } from "../error.js";
import type { UpdateRule } from "../program/op.js";
import { defaultOptimizer, type OptimizerConfig, updateRule } from "./optimizer.js";
import type { RateFactor } from "./rates.js";
import type { Optimizer } from "./transform.js";

export { chain, custom, type Link, type Optimizer, type Transform } from "./transform.js";
export { type LambOptions, lamb } from "./transforms/lamb.js";
export { type LionOptions, lion } from "./transforms/lion.js";

type Options = Partial<Omit<OptimizerConfig, "name">>;

const ruled =
  (name: UpdateRule["name"]) =>
  (options: Options = {}): Optimizer => {
    const config = { ...defaultOptimizer(name), ...options };
    return { links: [{ rule: updateRule(config), learningRate: config.learningRate }] };
  };

/** Each with the kernels of the library: what `UpdateRule` says. */
export const sgd = ruled("sgd");
export const momentum = ruled("momentum");
export const nesterov = ruled("nesterov");
export const adagrad = ruled("adagrad");
export const rmsprop = ruled("rmsprop");
export const adadelta = ruled("adadelta");
export const adam = ruled("adam");
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
