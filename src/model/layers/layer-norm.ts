import { refuseUnknownKeys } from "../../option-keys.js";
import type { Layer } from "../scope.js";

/** Layer normalisation (Ba et al. 2016): each row less its mean, over its deviation, times a scale plus a shift for each column. */
export function layerNorm(options: { readonly epsilon?: number } = {}): Layer {
  refuseUnknownKeys(options, { epsilon: true }, "options of layerNorm");
  const { epsilon = 1e-5 } = options;
  return (outer, x) => {
    const scope = outer.enter("layerNorm");
    const shape = [1, x.columns] as const;
    const [scale, shift] = [scope.parameter("scale", shape, 1), scope.parameter("shift", shape)];
    const mean = scope.reduce("mean", "columns", x);
    const centred = scope.map(["sub", "x", "mean"], { x, mean }, "f32");
    const variance = scope.reduce("mean", "columns", scope.map(["mul", "c", "c"], { c: centred }, "f32"));
    const factor = scope.map(["div", 1, ["sqrt", ["add", "variance", epsilon]]], { variance }, "f32");
    return scope.map(["add", ["mul", ["mul", "c", "factor"], "scale"], "shift"], { c: centred, factor, scale, shift });
  };
}
