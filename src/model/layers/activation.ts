import type { Activation } from "../../program/op.js";
import type { Layer } from "../scope.js";

/** An activation by itself, such as one after a normalisation; a dense layer has its own. */
export function activation(name: Activation): Layer {
  return (outer, x) => {
    const scope = outer.enter("activation");
    const shape = [x.rows, x.columns] as const;
    const input = x.type === "f32" ? x : scope.buffer(shape, "f32");
    if (input !== x) scope.builder.copy({ input: x, out: input });
    const out = scope.buffer(shape, "f32");
    scope.builder.activate({ activation: name, input, out });
    if (scope.precision === "f32") return out;
    const narrow = scope.buffer(shape);
    scope.builder.copy({ input: out, out: narrow });
    return narrow;
  };
}
