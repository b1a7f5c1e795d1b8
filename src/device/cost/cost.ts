/**
 * The cost interpreter counts the work of a program instead of running it. Two numbers bound the speed of a program on any device
 * (Williams, Waterman & Patterson 2009, the roofline model): arithmetic done and bytes moved.
 *
 * Counting rules
 * - Flops are those of the op's definition. Each addition, subtraction, multiplication, division, comparison, maximum, square
 *   root or call of exp, log, tanh counts one, whatever instructions a device uses. A change of sign counts nothing. A sum
 *   counts one addition for each term, so a gemm is 2 m n k plus its epilogue. Arithmetic on row numbers and cursors counts
 *   nothing.
 * - What depends on constants of the op alone (1 - beta1, 2 scale) counts nothing.
 * - Bytes are the fewest that can be moved: each operand of an op once, as if a cache held everything during an op and nothing
 *   between two ops. A gather reads the rows that it takes, not the whole source. A cursor is one u32 more.
 */
import { BYTES_PER_ELEMENT, type View } from "../../program/buffer.js";
import { type Op, type OpKind, ops } from "../../program/op.js";
import type { Program } from "../../program/program.js";

/** Work, and the memory that it takes along. */
export interface Cost {
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** The cost of one op. */
export interface OpCost extends Cost {
  readonly kind: OpKind;
}

/** The cost of one run of a program: the total, the cost of each op in order, and the sum for each kind of op. */
export interface ProgramCost extends Cost {
  readonly perOp: readonly OpCost[];
  readonly perKind: ReadonlyMap<OpKind, Cost>;
}

/**
 * The cost of one run of a program, by the rules above.
 * @example
 * ```ts
 * import { benchmarks, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("product");
 * const a = builder.buffer("a", "f32", [4, 8]);
 * builder.gemm({ a, b: builder.buffer("b", "f32", [8, 2]), out: builder.buffer("out", "f32", [4, 2]) });
 * console.log(benchmarks.costOf(builder.build()).flops); // 128
 * ```
 */
export function costOf(program: Program): ProgramCost {
  const perOp = program.ops.map((op) => ({ kind: op.kind, flops: ops.get(op.kind).flops(op), ...bytesOf(op) }));
  const perKind = new Map<OpKind, Cost>();
  for (const cost of perOp) {
    perKind.set(cost.kind, sum([perKind.get(cost.kind) ?? NOTHING, cost]));
  }
  return { ...sum(perOp), perOp, perKind };
}

const NOTHING: Cost = { flops: 0, bytesRead: 0, bytesWritten: 0 };

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (total, cost) => ({
      flops: total.flops + cost.flops,
      bytesRead: total.bytesRead + cost.bytesRead,
      bytesWritten: total.bytesWritten + cost.bytesWritten,
    }),
    NOTHING,
  );
}

function bytesOf(op: Op): Pick<Cost, "bytesRead" | "bytesWritten"> {
  const definition = ops.get(op.kind);
  const { reads, writes } = definition.operands(op);
  const bytes = (view: View, rows = view.rows): number => rows * view.columns * BYTES_PER_ELEMENT[view.type];
  const total = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0);
  const cursors = [...reads, ...writes].filter((view) => view.cursor !== undefined).length;
  return {
    bytesRead:
      total(reads.map((view) => bytes(view, definition.rowsRead?.(op, view)))) + cursors * BYTES_PER_ELEMENT.u32,
    bytesWritten: total(writes.map((view) => bytes(view))),
  };
}
