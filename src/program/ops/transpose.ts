import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out[i, j] = input[j, i]`, both of one float type. A product transposes by itself: see `GemmOp`. */
export interface TransposeOp {
  readonly kind: "transpose";
  readonly input: View;
  readonly out: View;
}

export const transpose: OpDefinition<TransposeOp> = {
  name: "transpose",
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check({ input, out }, rules) {
    rules.float({ input });
    rules.type("out", out, input.type);
    rules.shape("out", out, input.columns, input.rows);
  },
  flops: () => 0,
  gradient({ input, out }, gradients) {
    const g = gradients.of(out, "f32");
    gradients.give(input, { types: ["f32"] }, (to) => {
      gradients.builder.transpose({ input: g, out: to.out });
    });
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, input.get(j, i));
    });
  },
};
