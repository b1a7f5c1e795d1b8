import { elements, type View } from "../buffer.js";
import type { Expression } from "../expression/expression.js";
import type { OpDefinition } from "../op-definition.js";

/** What becomes of the elements of a line. */
export const REDUCTIONS = ["sum", "mean", "max"] as const;
/** What is reduced: each column over its rows, each row over its columns, or all elements to one. */
export const REDUCED = ["rows", "columns", "all"] as const;

/**
 * `out = by(input)` over rows, to `[1, n]`, over columns, to `[m, 1]`, or over all, to `[1, 1]`, in an order that depends on the
 * shape alone. `input` is float. The gradient of a maximum goes to every element that is as large. Where an element is NaN, a
 * maximum is any number.
 */
export interface ReduceOp {
  readonly kind: "reduce";
  readonly by: (typeof REDUCTIONS)[number];
  readonly over: (typeof REDUCED)[number];
  readonly input: View;
  readonly out: View;
}

/** Elements that become one. */
export function reducedLength({ over, input }: ReduceOp): number {
  return { rows: input.rows, columns: input.columns, all: elements(input) }[over];
}

export const reduce: OpDefinition<ReduceOp> = {
  name: "reduce",
  keys: { by: "required", over: "required", input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check({ by, over, input, out }, rules) {
    rules.known("reduction", by, REDUCTIONS);
    rules.known("direction", over, REDUCED);
    rules.float({ input });
    rules.f32({ out });
    rules.shape("out", out, over === "columns" ? input.rows : 1, over === "rows" ? input.columns : 1);
  },
  flops: ({ by, input, out }) => elements(input) + (by === "mean" ? elements(out) : 0),
  gradient(op, gradients) {
    const g = gradients.of(op.out, "f32");
    if (op.by === "max") {
      const inputs = { x: gradients.kept(op.input), most: gradients.kept(op.out, "output"), g };
      const expression: Expression = ["where", ["less", "x", "most"], 0, "g"];
      gradients.give(op.input, {}, ({ out }) => void gradients.builder.map({ expression, inputs, out }));
      return;
    }
    const expression: Expression = op.by === "mean" ? ["mul", "g", 1 / reducedLength(op)] : "g";
    gradients.give(op.input, {}, ({ out }) => void gradients.builder.map({ expression, inputs: { g }, out }));
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => out.set(i, j, op.by === "max" ? Number.NEGATIVE_INFINITY : 0));
    input.each((i, j) => {
      const [row, column] = [op.over === "columns" ? i : 0, op.over === "rows" ? j : 0];
      const [before, x] = [out.get(row, column), input.get(i, j)];
      out.set(row, column, op.by === "max" ? Math.max(before, x) : before + x);
    });
    if (op.by === "mean") out.each((i, j) => out.set(i, j, out.get(i, j) / reducedLength(op)));
  },
};
