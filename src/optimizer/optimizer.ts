/**
 * Optimizers: a name and its hyperparameters become the `UpdateRule` that a device runs over the flat vector, and the
 * few scalars of it that change from step to step.
 */
import { STATE_SLOTS, UPDATE_SCALARS, type UpdateRule } from "../program/op.js";

/** The rules are defined at `UpdateRule` in `program/op.ts`. */
export type OptimizerName = UpdateRule["name"];
/** Every `OptimizerName`. */
export const OPTIMIZERS = Object.keys(STATE_SLOTS) as OptimizerName[];

/** An optimizer with its hyperparameters; those that its rule does not have are ignored. */
export interface OptimizerConfig {
  readonly name: OptimizerName;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Momentum coefficient of momentum and nesterov. */
  readonly mu: number;
  /** Decay of the running squares of rmsprop and adadelta. */
  readonly rho: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Base rates that each paper or the common libraries use. */
const LEARNING_RATES: Readonly<Record<OptimizerName, number>> = {
  sgd: 0.1,
  momentum: 0.05,
  nesterov: 0.05,
  adagrad: 0.01,
  rmsprop: 0.001,
  adadelta: 1,
  adam: 0.001,
  adamw: 0.001,
};

/** The hyperparameters that an optimizer has unless told otherwise. */
export function defaultOptimizer(name: OptimizerName): OptimizerConfig {
  return {
    name,
    learningRate: LEARNING_RATES[name],
    weightDecay: name === "adamw" ? 0.01 : 0,
    mu: 0.9,
    rho: name === "adadelta" ? 0.95 : 0.9,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: name === "adadelta" ? 1e-6 : 1e-8,
  };
}

/** What a device has to run: the part of the configuration that does not change from step to step. */
export function updateRule(config: OptimizerConfig): UpdateRule {
  const { name, weightDecay, mu, rho, beta1, beta2, epsilon } = config;
  switch (name) {
    case "sgd":
      return { name, weightDecay };
    case "momentum":
    case "nesterov":
      return { name, mu, weightDecay };
    case "adagrad":
      return { name, epsilon, weightDecay };
    case "rmsprop":
    case "adadelta":
      return { name, rho, epsilon, weightDecay };
    case "adam":
    case "adamw":
      return { name, beta1, beta2, epsilon, weightDecay };
  }
}

/**
 * Writes one row of `UpdateOp.scalars` into `out`: the learning rate and Adam's bias corrections 1 - beta^t at update
 * number t = step + 1, computed in double precision because 1 - beta^t cancels for small t.
 */
export function writeScalars(
  out: Float32Array,
  offset: number,
  rule: UpdateRule,
  learningRate: number,
  step: number,
): void {
  const adam = rule.name === "adam" || rule.name === "adamw";
  const corrections = adam ? [1 - rule.beta1 ** (step + 1), 1 - rule.beta2 ** (step + 1)] : [1, 1];
  out.set([learningRate, ...corrections], offset);
  out[offset + UPDATE_SCALARS - 1] = 0;
}
