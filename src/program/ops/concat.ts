import type { View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";

/** `out = [inputs[0], inputs[1], ...]`: matrices of as many rows side by side, all of one float type. */
export interface ConcatOp {
  readonly kind: "concat";
  readonly inputs: readonly View[];
  readonly out: View;
}

/** Each input with the column of `out` that it starts at. */
export function placesOf({ inputs }: ConcatOp): { readonly input: View; readonly first: number }[] {
  let end = 0;
  return inputs.map((input) => {
    const first = end;
    end += input.columns;
    return { input, first };
  });
}

export const concat: OpDefinition<ConcatOp> = {
  name: "concat",
  keys: { inputs: "required", out: "required" },
  operands: ({ inputs, out }) => ({ reads: inputs, writes: [out] }),
  check({ inputs, out }, rules) {
    rules.rule(inputs.length > 0, "needs at least one input");
    rules.float({ out });
    for (const [i, input] of inputs.entries()) {
      rules.type(`inputs[${i}]`, input, out.type);
      rules.shape(`inputs[${i}]`, input, out.rows, input.columns);
    }
    const columns = inputs.reduce((sum, input) => sum + input.columns, 0);
    rules.rule(columns === out.columns, `out must have the ${columns} columns of all inputs, got ${out.columns}`);
  },
  flops: () => 0,
  gradient(op, gradients) {
    const g = gradients.of(op.out, "f32");
    for (const { input, first } of placesOf(op)) {
      gradients.give(input, { types: ["f32"] }, (to) => {
        gradients.builder.sliceColumns({ input: g, first, out: to.out });
      });
    }
  },
  reference(op, memory) {
    const out = memory(op.out);
    for (const { input: view, first } of placesOf(op)) {
      const input = memory(view);
      input.each((i, j) => {
        out.set(i, first + j, input.get(i, j));
      });
    }
  },
};
