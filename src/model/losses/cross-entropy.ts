import type { ModelLoss } from "./loss.js";

/**
 * The cross-entropy of a softmax over the columns, a mean over rows, in the stable form. The output is taken as logits: the last
 * layer has no activation. The target is a class for each row, `[rows, 1]`, or a share for each class, of the output's shape.
 */
export function crossEntropy(): ModelLoss {
  return (scope, z, target) => {
    const sum = scope.reduce("logSumExp", "columns", z);
    const isClass = target.columns === 1 && z.columns > 1;
    if (!isClass && (target.columns !== z.columns || target.rows !== z.rows)) {
      scope.refuse(
        `loss crossEntropy: the output has ${z.columns} columns, the target ${target.columns}: give the last layer a unit for each class`,
      );
    }
    if (isClass) {
      const taken = scope.buffer([z.rows, 1], "f32");
      scope.builder.take({ input: z, labels: target, out: taken });
      scope.term("crossEntropy", scope.meanOfRows(scope.map(["sub", "sum", "taken"], { sum, taken }, "f32")));
    } else {
      const values = scope.map(["mul", "t", ["sub", "sum", "z"]], { t: target, sum, z }, "f32");
      scope.term("crossEntropy", scope.meanOfRows(values));
    }
  };
}
