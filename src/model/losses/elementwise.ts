/** Losses of each element by itself, a mean over all elements. */
import type { View } from "../../program/buffer.js";
import type { Scope } from "../scope.js";
import { checkAlike, type ModelLoss } from "./loss.js";

/** The mean squared error. */
export function mse(): ModelLoss {
  return (scope, output, target) => builtIn(scope, "mse", output, target);
}

/** The mean binary cross-entropy. The output is taken as logits: the last layer has no activation, the sigmoid is in the loss. */
export function bce(): ModelLoss {
  return (scope, output, target) => builtIn(scope, "bce", output, target);
}

/** Half the squared error up to `delta`, from there on a straight line (Huber 1964). */
export function huber(delta = 1): ModelLoss {
  return (scope, output, target) => {
    checkAlike(scope, "huber", output, target);
    if (!(delta > 0)) scope.refuse(`loss huber: delta must be above 0, got ${delta}`);
    const error = scope.map(["sub", "y", "t"], { y: output, t: target }, "f32");
    const values = scope.map(
      [
        "where",
        ["less", ["abs", "e"], delta],
        ["mul", 0.5, ["mul", "e", "e"]],
        ["mul", delta, ["sub", ["abs", "e"], delta / 2]],
      ],
      { e: error },
      "f32",
    );
    scope.term("huber", scope.meanOfRows(values, 1 / output.columns));
  };
}

function builtIn(scope: Scope, loss: "mse" | "bce", input: View, target: View): void {
  checkAlike(scope, loss, input, target);
  const total = scope.buffer([1, 1], "f32", loss);
  scope.builder.loss({ loss, input, target, scale: 1 / (scope.batch * input.columns), total });
  scope.term(loss, total);
}
