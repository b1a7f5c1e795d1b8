/** What a loss is, and weighted sums of several. */
import type { View } from "../../program/buffer.js";
import type { Scope } from "../scope.js";

/** Names, by `scope.term`, what is to be small about a model's output; `target` is what it should be. */
export type ModelLoss = (scope: Scope, output: View, target: View) => void;

/**
 * Several losses, each times its weight; each is recorded by itself.
 * @example
 * ```ts
 * import { fit, layers, losses } from "dawnpour";
 *
 * const loss = losses.weighted([1, losses.mse()], [0.001, losses.l2Penalty()]);
 * const x = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
 * using fitted = await fit(layers.dense(1), loss, { x, features: 4, y: x.slice(0, 10) }, { epochs: 3 });
 * console.log(fitted.history.length); // 3
 * ```
 */
export function weighted(...parts: readonly (readonly [weight: number, loss: ModelLoss])[]): ModelLoss {
  return (scope, output, target) => {
    for (const [weight, loss] of parts) loss(scope.weighing(weight), output, target);
  };
}

/** Refuses a target that is not of the shape of the output. */
export function checkAlike(scope: Scope, name: string, output: View, target: View): void {
  if (output.rows === target.rows && output.columns === target.columns) return;
  scope.refuse(
    `loss ${name}: the output is [${output.rows}, ${output.columns}] and the target [${target.rows}, ${target.columns}]: give the last layer ${target.columns} units`,
  );
}
