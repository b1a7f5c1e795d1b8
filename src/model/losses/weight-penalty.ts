import type { Expression } from "../../program/op.js";
import type { ModelLoss } from "./loss.js";

/** Half the sum of the squares of all weights that learn, as the term `l2`. Biases and the like are left out. */
export function l2Penalty(): ModelLoss {
  return penalty("l2", ["mul", 0.5, ["mul", "w", "w"]]);
}

/** The sum of the sizes of all weights that learn, as the term `l1`. */
export function l1Penalty(): ModelLoss {
  return penalty("l1", ["abs", "w"]);
}

function penalty(name: string, expression: Expression): ModelLoss {
  return (scope, output) => {
    const weights = scope.parameters.filter(({ trainable, weight }) => trainable && weight);
    if (weights.length === 0) scope.refuse(`loss ${name}: the model has no trainable weights`);
    const sums = weights.map(({ view }) => scope.reduce("sum", "all", scope.map(expression, { w: view }, "f32")));
    const sum = sums.reduce((a, b) => scope.map(["add", "a", "b"], { a, b }, "f32"));
    scope.term(name, scope.shareOf(sum, output));
  };
}
