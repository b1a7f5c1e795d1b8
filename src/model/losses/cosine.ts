import { checkAlike, type ModelLoss } from "./loss.js";

/** 1 less the cosine of the angle between each row and its target, a mean over rows. */
export function cosine(): ModelLoss {
  return (scope, output, target) => {
    checkAlike(scope, "cosine", output, target);
    const inner = (a: typeof output, b: typeof output) =>
      scope.reduce("sum", "columns", scope.map(["mul", "a", "b"], { a, b }, "f32"));
    const [product, y, t] = [inner(output, target), inner(output, output), inner(target, target)];
    // A row of zeros has no direction: its loss is 1.
    const values = scope.map(
      ["sub", 1, ["div", "p", ["sqrt", ["max", ["mul", "y", "t"], 1e-12]]]],
      { p: product, y, t },
      "f32",
    );
    scope.term("cosine", scope.meanOfRows(values));
  };
}
