import { UsageError } from "../../error.js";
import type { Layer } from "../scope.js";

/**
 * Layers one after the other.
 * @example
 * ```ts
 * import { fit, layers, losses } from "dawnpour";
 *
 * const { dense, dropout, sequential } = layers;
 * const model = sequential([dense(8, { activation: "relu" }), dropout(0.1), dense(1)]);
 * const x = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
 * using fitted = await fit(model, losses.mse(), { x, features: 4, y: x.slice(0, 10) }, { epochs: 2 });
 * console.log(fitted.history.length); // 2
 * ```
 */
export function sequential(layers: readonly Layer[]): Layer {
  if (!Array.isArray(layers) || layers.length === 0 || layers.some((layer) => typeof layer !== "function")) {
    throw new UsageError(
      'sequential takes an array of layers, such as [dense(200, { activation: "relu" }), dense(10)]',
    );
  }
  return (scope, input) => layers.reduce((current, layer) => layer(scope, current), input);
}
