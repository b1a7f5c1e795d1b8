import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = sqrt(sum(input^2))`, `[1, 1]`. Where it is 0, its gradient is taken as 0. */
export interface NormOp {
  readonly kind: "norm";
  readonly input: View;
  readonly out: View;
}

export const norm: OpDefinition<NormOp> = {
  name: "norm",
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check({ input, out }, rules) {
    rules.f32({ input, out });
    rules.shape("out", out, 1, 1);
  },
  flops: ({ input }) => 2 * elements(input) + 1,
  gradient({ input, out }, gradients) {
    const g = gradients.of(out);
    const inputs = { x: gradients.kept(input), norm: gradients.kept(out, "output"), g };
    gradients.give(input, {}, (to) => {
      const expression = ["where", "norm", ["mul", "x", ["div", "g", "norm"]], 0] as const;
      gradients.builder.map({ expression, inputs, out: to.out });
    });
  },
  reference(op, memory) {
    const input = memory(op.input);
    let sum = 0;
    input.each((i, j) => {
      sum += input.get(i, j) ** 2;
    });
    memory(op.out).set(0, 0, Math.sqrt(sum));
  },
};
