import { refuseUnknownKeys } from "../../option-keys.js";
import type { Activation } from "../../program/op.js";
import type { Layer } from "../scope.js";

/** Options of `tiedDense`. */
export interface TiedDenseOptions {
  /** Default: linear. */
  readonly activation?: Activation;
  /** Of its bias. Default: tied. */
  readonly name?: string;
}

/** The way back through a dense layer: f(x W^T + b), W the weight of `of`, which both learn, and a bias of its own. */
export function tiedDense(of: Layer, options: TiedDenseOptions = {}): Layer {
  refuseUnknownKeys<TiedDenseOptions>(options, { activation: true, name: true }, "options of tiedDense");
  const { activation = "linear", name = "tied" } = options;
  return (outer, input) => {
    const scope = outer.enter(name);
    const weight = scope.recall(of);
    if (input.columns !== weight.columns) {
      scope.refuse(
        `the tied layer has ${weight.columns} outputs, but ${input.columns} columns come in: tie another layer`,
      );
    }
    const bias = scope.parameter("bias", [1, weight.rows]);
    const out = scope.buffer([input.rows, weight.rows], scope.precision, "output");
    scope.builder.gemm({ a: input, b: weight, transposeB: true, bias, activation, out });
    return out;
  };
}
