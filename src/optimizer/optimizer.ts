/**
 * Optimizers: a name and its hyperparameters become an `UpdateRule`, which a device runs over the flat vector, and the few
 * scalars of the rule that change from step to step.
 */
import { UPDATE_RULES, UPDATE_SCALARS, type UpdateRule, updateRules } from "../program/op.js";

/** The name of an optimizer. Each has a rule in `program/rules`. */
export type OptimizerName = UpdateRule["name"];
/** Every `OptimizerName`. */
export const OPTIMIZERS = UPDATE_RULES;

/** An optimizer with its hyperparameters. Hyperparameters that its rule does not have are ignored. */
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

/**
 * The default hyperparameters of an optimizer.
 * @example
 * ```ts
 * import { defaultOptimizer } from "dawnpour";
 *
 * const optimizer = { ...defaultOptimizer("adamw"), learningRate: 0.002 };
 * console.log(optimizer.name); // adamw
 * ```
 */
export function defaultOptimizer(name: OptimizerName): OptimizerConfig {
  const { learningRate, defaults } = updateRules.get(name);
  return { name, learningRate, mu: 0.9, rho: 0.9, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...defaults };
}

/** The rule that a device runs: the part of the configuration that does not change from step to step. */
export function updateRule(config: OptimizerConfig): UpdateRule {
  const { name, defaults } = updateRules.get(config.name);
  const hyperparameters = Object.entries(defaults).map(([key, usual]) => [
    key,
    config[key as keyof OptimizerConfig] ?? usual,
  ]);
  return { name, ...Object.fromEntries(hyperparameters) } as UpdateRule;
}

/**
 * Writes one row of `UpdateOp.scalars` into `out`: the learning rate, and the rule's bias corrections at update number
 * t = step + 1.
 */
export function writeScalars(
  out: Float32Array,
  offset: number,
  rule: UpdateRule,
  learningRate: number,
  step: number,
): void {
  const corrections = updateRules.get(rule.name).corrections?.(rule, step + 1) ?? [1, 1];
  out.set([learningRate, ...corrections], offset);
  out[offset + UPDATE_SCALARS - 1] = 0;
}
