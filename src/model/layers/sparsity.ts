/** Layers that leave their input as it is and have it be sparse: each adds a term to what is to be small. */
import type { Expression } from "../../program/op.js";
import type { Layer } from "../scope.js";
import { checkNotNegative, checkRate } from "./check.js";

/** The sum of the sizes of a row's elements, a mean over rows, as the term `l1`. */
export function l1Sparsity(weight: number): Layer {
  return (outer, x) => {
    const scope = outer.enter("l1Sparsity");
    checkNotNegative(scope, "weight", weight);
    scope.term("l1", scope.meanOfRows(scope.map(["abs", "x"], { x }, "f32")), weight);
    return x;
  };
}

/**
 * The divergence of each column's mean activation from `target`, both taken as probabilities, summed over the columns, as the term
 * `sparsity` (Ng 2011, "Sparse autoencoder"). The activation is a sigmoid; the mean is that of a part of a batch.
 */
export function klSparsity(target: number, weight: number): Layer {
  return (outer, x) => {
    const scope = outer.enter("klSparsity");
    checkRate(scope, target);
    checkNotNegative(scope, "weight", weight);
    const mean = scope.reduce("mean", "rows", x);
    // Bounds keep the logarithms finite where a column is all 0 or all 1.
    const bounded: Expression = ["max", 1e-6, ["min", 1 - 1e-6, "mean"]];
    const entropy = target === 0 ? 0 : target * Math.log(target) + (1 - target) * Math.log(1 - target);
    const divergence: Expression = [
      "sub",
      entropy,
      ["add", ["mul", target, ["log", bounded]], ["mul", 1 - target, ["log", ["sub", 1, bounded]]]],
    ];
    const sum = scope.reduce("sum", "all", scope.map(divergence, { mean }, "f32"));
    scope.term("sparsity", scope.shareOf(sum, x), weight);
    return x;
  };
}
