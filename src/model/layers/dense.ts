import { type Keys, refuseUnknownKeys } from "../../option-keys.js";
import type { Activation } from "../../program/op.js";
import type { Initialiser } from "../initialiser.js";
import type { Layer } from "../scope.js";

/** Options of `dense`. */
export interface DenseOptions {
  /** Default: linear. */
  readonly activation?: Activation;
  /** Default: glorot. */
  readonly initialiser?: Initialiser;
  /** Default: true. */
  readonly bias?: boolean;
  /** Whether it learns. Default: true. */
  readonly trainable?: boolean;
  /** Of its tensors. Default: dense. */
  readonly name?: string;
}

const KEYS: Keys<DenseOptions> = { activation: true, initialiser: true, bias: true, trainable: true, name: true };

/** A dense layer of `units`, f(x W + b): one product with bias and activation fused. */
export function dense(units: number, options: DenseOptions = {}): Layer {
  refuseUnknownKeys(options, KEYS, "options of dense");
  const { activation = "linear", initialiser = "glorot", bias = true, trainable = true, name = "dense" } = options;
  const layer: Layer = (outer, input) => {
    const scope = outer.enter(name);
    if (!Number.isSafeInteger(units) || units < 1) scope.refuse(`units must be a whole number from 1, got ${units}`);
    const weight = scope.weight("weight", [input.columns, units], initialiser, trainable);
    scope.remember(layer, weight);
    const out = scope.buffer([input.rows, units], scope.precision, "output");
    scope.builder.gemm({
      a: input,
      b: weight,
      ...(bias && { bias: scope.parameter("bias", [1, units], 0, trainable) }),
      activation,
      out,
    });
    return out;
  };
  return layer;
}
