import { elements, type View } from "../buffer.js";
import { type OpDefinition, present } from "../op-definition.js";

/** `out[0, j] = (accumulate ? out[0, j] : 0) + sum over i of input[i, j]`, as for the gradient of a bias. `input` is float. */
export interface SumRowsOp {
  readonly kind: "sumRows";
  readonly input: View;
  readonly accumulate: boolean;
  readonly out: View;
}

export const sumRows: OpDefinition<SumRowsOp> = {
  name: "sumRows",
  keys: { input: "required", accumulate: "required", out: "required" },
  operands: ({ input, accumulate, out }) => ({
    reads: present(input, accumulate ? out : undefined),
    writes: [out],
  }),
  check({ input, out }, rules) {
    rules.float({ input });
    rules.f32({ out });
    rules.shape("out", out, 1, input.columns);
  },
  flops: ({ input }) => elements(input),
  gradient({ input, accumulate, out }, gradients) {
    const g = gradients.of(out, "f32");
    gradients.give(input, { accumulates: true, derives: true }, (to) => {
      const ones = gradients.temporary({ ...input, columns: 1 }, "f32");
      gradients.builder.fill({ value: 1, out: ones }).gemm({ a: ones, b: g, ...to });
    });
    if (accumulate) gradients.pass(out, g);
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    for (let j = 0; j < input.columns; j++) {
      let sum = op.accumulate ? out.get(0, j) : 0;
      for (let i = 0; i < input.rows; i++) {
        sum += input.get(i, j);
      }
      out.set(0, j, sum);
    }
  },
};
