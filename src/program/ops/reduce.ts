import { elements, type View } from "../buffer.js";
import type { Expression } from "../expression/expression.js";
import type { OpDefinition } from "../op-definition.js";

/** What becomes of the elements of a line. */
export const REDUCTIONS = ["sum", "mean", "max", "logSumExp"] as const;
/** What is reduced: each column over its rows, each row over its columns, or all elements to one. */
export const REDUCED = ["rows", "columns", "all"] as const;

/**
 * `out = by(input)` over rows, to `[1, n]`, over columns, to `[m, 1]`, or over all, to `[1, 1]`, in an order that depends on the
 * shape alone. `input` is float. `logSumExp` is `m + log(sum(exp(input - m)))`, m the maximum: no number is too large for it. The
 * gradient of a maximum goes to every element that is as large. Where an element is NaN, a maximum is any number.
 */
export interface ReduceOp {
  readonly kind: "reduce";
  readonly by: (typeof REDUCTIONS)[number];
  readonly over: (typeof REDUCED)[number];
  readonly input: View;
  readonly out: View;
}

/** Operations for each element of the input, and of the output: a `logSumExp` takes a maximum, a difference, a power and a sum. */
const FLOPS = { sum: [1, 0], mean: [1, 1], max: [1, 0], logSumExp: [4, 2] } as const;

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
  flops: ({ by, input, out }) => FLOPS[by][0] * elements(input) + FLOPS[by][1] * elements(out),
  gradient(op, gradients) {
    const g = gradients.of(op.out, "f32");
    if (op.by === "max") {
      const inputs = { x: gradients.kept(op.input), most: gradients.kept(op.out, "output"), g };
      const expression: Expression = ["where", ["less", "x", "most"], 0, "g"];
      gradients.give(op.input, {}, ({ out }) => void gradients.builder.map({ expression, inputs, out }));
      return;
    }
    if (op.by === "logSumExp") {
      const inputs = { x: gradients.kept(op.input), sum: gradients.kept(op.out, "output"), g };
      const expression: Expression = ["mul", "g", ["exp", ["sub", "x", "sum"]]];
      gradients.give(op.input, {}, ({ out }) => void gradients.builder.map({ expression, inputs, out }));
      return;
    }
    const expression: Expression = op.by === "mean" ? ["mul", "g", 1 / reducedLength(op)] : "g";
    gradients.give(op.input, {}, ({ out }) => void gradients.builder.map({ expression, inputs: { g }, out }));
  },
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    const lines = new Map<string, { readonly at: readonly [number, number]; readonly elements: number[] }>();
    input.each((i, j) => {
      const at = [op.over === "columns" ? i : 0, op.over === "rows" ? j : 0] as const;
      const line = lines.get(at.join()) ?? { at, elements: [] };
      lines.set(at.join(), line);
      line.elements.push(input.get(i, j));
    });
    for (const { at, elements: line } of lines.values()) out.set(...at, REDUCE[op.by](line));
  },
};

const sum = (line: readonly number[]): number => line.reduce((total, x) => total + x, 0);
const largest = (line: readonly number[]): number =>
  line.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);

/** What each reduction makes of a line. */
const REDUCE: Readonly<Record<ReduceOp["by"], (line: readonly number[]) => number>> = {
  sum,
  mean: (line) => sum(line) / line.length,
  max: largest,
  logSumExp(line) {
    const most = largest(line);
    return most + Math.log(sum(line.map((x) => Math.exp(x - most))));
  },
};
