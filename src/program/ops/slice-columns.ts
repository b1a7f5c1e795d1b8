import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out[i, j] = input[i, first + j]`: some columns, both of one float type. */
export interface SliceColumnsOp {
  readonly kind: "sliceColumns";
  readonly input: View;
  /** The first column. */
  readonly first: number;
  readonly out: View;
}

export const sliceColumns: OpDefinition<SliceColumnsOp> = {
  name: "sliceColumns",
  keys: { input: "required", first: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check({ input, first, out }, rules) {
    rules.float({ input });
    rules.type("out", out, input.type);
    rules.wholeFrom("first", first, 0);
    rules.shape("out", out, input.rows, out.columns);
    const end = first + out.columns;
    rules.rule(end <= input.columns, `the columns must end within the ${input.columns} of input, end at ${end}`);
  },
  flops: () => 0,
  gradient({ input, first, out }, gradients) {
    const { builder } = gradients;
    const g = gradients.of(out, "f32");
    gradients.give(input, { types: ["f32"] }, (to) => {
      const sides = [first, input.columns - first - out.columns].map((columns) => {
        if (columns === 0) return [];
        const zeros = gradients.temporary({ ...input, columns }, "f32");
        builder.fill({ value: 0, out: zeros });
        return [zeros];
      });
      builder.concat({ inputs: [...sides[0], g, ...sides[1]], out: to.out });
    });
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, input.get(i, op.first + j));
    });
  },
};
