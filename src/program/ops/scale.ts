import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = factor * input`; may be in place. */
export interface ScaleOp {
  readonly kind: "scale";
  readonly input: View;
  readonly factor: number;
  readonly out: View;
}

export const scale: OpDefinition<ScaleOp> = {
  name: "scale",
  keys: { input: "required", factor: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  inPlace: ({ input }) => [input],
  check({ input, factor, out }, rules) {
    rules.finite("factor", factor);
    rules.like(input, { input, out });
  },
  flops: ({ out }) => elements(out),
  gradient({ input, factor, out }, gradients) {
    const g = gradients.of(out, "f32");
    gradients.give(input, { types: ["f32"] }, (to) => {
      gradients.builder.scale({ input: g, factor, out: to.out });
    });
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, op.factor * input.get(i, j));
    });
  },
};
