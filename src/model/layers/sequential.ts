import { UsageError } from "../../error.js";
import type { Layer } from "../scope.js";

/** Layers one after the other. */
export function sequential(layers: readonly Layer[]): Layer {
  if (!Array.isArray(layers) || layers.length === 0 || layers.some((layer) => typeof layer !== "function")) {
    throw new UsageError(
      'sequential takes an array of layers, such as [dense(200, { activation: "relu" }), dense(10)]',
    );
  }
  return (scope, input) => layers.reduce((current, layer) => layer(scope, current), input);
}
