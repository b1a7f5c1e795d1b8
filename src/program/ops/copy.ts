import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = input`, to float from any type: a cast. A u32 above 2^24 is rounded. */
export interface CopyOp {
  readonly kind: "copy";
  readonly input: View;
  readonly out: View;
}

export const copy: OpDefinition<CopyOp> = {
  name: "copy",
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check({ input, out }, rules) {
    rules.float({ out });
    rules.shaped(input, { out });
  },
  flops: () => 0,
  gradient: ({ input, out }, gradients) => gradients.pass(input, gradients.of(out)),
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, input.get(i, j));
    });
  },
};
