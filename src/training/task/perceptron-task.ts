/** Classifiers and regressions as layers with their losses. */
import { dense } from "../../model/layers/dense.js";
import { sequential } from "../../model/layers/sequential.js";
import { crossEntropy } from "../../model/losses/cross-entropy.js";
import { checkAlike, type ModelLoss } from "../../model/losses/loss.js";
import type { Layer } from "../../model/scope.js";
import type { TrainingConfig } from "../config/config.js";

type Shape = Pick<TrainingConfig, "activation" | "initialiser"> & { readonly layers: readonly number[] };

/** Dense layers of the sizes after the first; the last has no activation. */
function perceptron({ layers, activation, initialiser }: Shape): Layer[] {
  const [, ...sizes] = layers;
  return sizes.map((size, i) =>
    dense(size, { initialiser, name: `layer.${i}`, activation: i === sizes.length - 1 ? "linear" : activation }),
  );
}

/** A unit for each class, and the cross-entropy of their softmax. */
export const classifier = (shape: Shape): { readonly model: Layer; readonly loss: ModelLoss } => ({
  model: sequential(perceptron(shape)),
  loss: crossEntropy(),
});

/** How the targets of training rows are spread: the network gives deviations from their mean. */
interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Numbers in the units of the data. The loss is the squared error in standard deviations, so rates need not know the units. */
export function regression(
  shape: Shape,
  { mean, deviation }: Spread,
): { readonly model: Layer; readonly loss: ModelLoss } {
  const inUnits: Layer = (scope, x) => scope.map(["add", ["mul", deviation, "x"], mean], { x }, "f32");
  const loss: ModelLoss = (scope, output, target) => {
    checkAlike(scope, "mse", output, target);
    const error = scope.map(["div", ["sub", "y", "t"], deviation], { y: output, t: target }, "f32");
    const squares = scope.map(["mul", "e", "e"], { e: error }, "f32");
    scope.term("mse", scope.meanOfRows(squares, 1 / output.columns));
  };
  return { model: sequential([...perceptron(shape), inUnits]), loss };
}
