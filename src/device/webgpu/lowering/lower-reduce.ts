/** Lowers a reduction: one invocation for each line. A reduction of all elements has levels, each of lines of a fixed length. */
import { elements, type View } from "../../../program/buffer.js";
import type { ExampleNormsOp, ReduceOp } from "../../../program/op.js";
import { reducedLength } from "../../../program/ops/reduce.js";
import { type Kernel, reads, workgroupsFor, writes } from "../kernel.js";
import type { Scratch } from "../scratch.js";

/** Elements that are reduced together before their result joins that of the earlier ones. */
const RUN = 64;
/** Length of a line in the levels of a reduction of all elements. */
const LINE = 256;

interface Lines {
  readonly count: number;
  readonly length: number;
  readonly stride: number;
  readonly lineStride: number;
}

export function lowerReduce(op: ReduceOp, scratch: Scratch): Kernel[] {
  const { over, input, out } = op;
  const { rows, columns } = input;
  if (over === "rows")
    return [kernel(op, input, out, { count: columns, length: rows, stride: columns, lineStride: 1 })];
  if (over === "columns")
    return [kernel(op, input, out, { count: rows, length: columns, stride: 1, lineStride: columns })];
  const kernels: Kernel[] = [];
  let from = input;
  for (let last = false; !last; ) {
    const count = Math.ceil(elements(from) / LINE);
    last = count === 1;
    const to = last ? out : scratch.take(1, count);
    kernels.push(kernel(op, from, to, { count, length: LINE, stride: 1, lineStride: LINE }, last));
    from = to;
  }
  return kernels;
}

export function lowerExampleNorms({ input, gradient, bias, accumulate, out }: ExampleNormsOp): Kernel {
  const columns = { COLUMNS: input.columns, GRADIENT_COLUMNS: gradient.columns };
  return {
    shader: "example_norms",
    constants: { ...columns, BIAS: Number(bias), ROWS: out.rows, RUN },
    conditions: accumulate ? ["accumulate"] : [],
    operands: [reads("input", input, false), reads("gradient", gradient, false), writes("out", out, false)],
    workgroups: workgroupsFor(out.rows),
  };
}

function kernel(
  op: ReduceOp,
  input: View,
  out: View,
  { count, length, stride, lineStride }: Lines,
  last = true,
): Kernel {
  const lines = { COUNT: elements(input), LENGTH: length, LINES: count, LINE_STRIDE: lineStride, RUN, STRIDE: stride };
  const factor = { FACTOR: last && op.by === "mean" ? 1 / reducedLength(op) : 1 };
  return {
    ...(op.by === "logSumExp"
      ? { shader: "log_sum_exp_lines", constants: lines, conditions: [] }
      : { shader: "reduce_lines", constants: { ...lines, ...factor }, conditions: op.by === "max" ? ["maximum"] : [] }),
    operands: [reads("input", input, false), writes("out", out, false)],
    workgroups: workgroupsFor(count),
  };
}
