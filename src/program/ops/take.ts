import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";
import { checkLabels, columnOf } from "./one-hot.js";

/**
 * `out[i, 0] = input[i, labels[i]]`: one element of each row. `input` is float, `out` f32 `[input.rows, 1]`; `labels` as in
 * `OneHotOp`.
 */
export interface TakeOp {
  readonly kind: "take";
  readonly input: View;
  readonly labels: View;
  readonly out: View;
}

export const take: OpDefinition<TakeOp> = {
  name: "take",
  keys: { input: "required", labels: "required", out: "required" },
  operands: ({ input, labels, out }) => ({ reads: [input, labels], writes: [out] }),
  check({ input, labels, out }, rules) {
    rules.float({ input });
    rules.f32({ out });
    checkLabels(rules, labels, input.rows);
    rules.shape("out", out, input.rows, 1);
  },
  flops: () => 0,
  gradient({ input, labels, out }, gradients) {
    if (gradients.wants(labels)) gradients.refuse("has no gradient rule for labels: they are numbers of columns");
    const values = gradients.of(out, "f32");
    gradients.give(input, { types: ["f32"] }, (to) => {
      gradients.builder.oneHot({ labels: gradients.kept(labels), values, out: to.out });
    });
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    const column = columnOf(op.labels, op.input.columns, memory);
    out.each((i) => {
      out.set(i, 0, input.get(i, column(i)));
    });
  },
};
