/** What a loss is, and weighted sums of several. */
import type { View } from "../../program/buffer.js";
import type { Scope } from "../scope.js";

/** Names, by `scope.term`, what is to be small about a model's output; `target` is what it should be. */
export type ModelLoss = (scope: Scope, output: View, target: View) => void;

/** Several losses, each times its weight; each is recorded by itself. */
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
