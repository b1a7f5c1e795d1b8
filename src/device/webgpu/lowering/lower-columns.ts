/** Lowers the ops that move elements between columns, and the one that fills rows with random numbers. */
import { elements, type View } from "../../../program/buffer.js";
import type { ConcatOp, OneHotOp, RandomOp, SliceColumnsOp, TakeOp, TransposeOp } from "../../../program/op.js";
import { placesOf } from "../../../program/ops/concat.js";
import { keyOf } from "../../../program/philox.js";
import { type Kernel, reads, workgroupsFor, writes } from "../kernel.js";

export function lowerRandom({ distribution, seed, stream, position, row, out }: RandomOp): Kernel {
  const [low, high] = keyOf(seed);
  const groups = Math.ceil(out.columns / 4);
  return {
    shader: "random",
    constants: {
      ...{ COLUMNS: out.columns, GROUPS: groups, ROWS: out.rows },
      ...{ KEY_LOW: low | 0, KEY_HIGH: high | 0, ROW: row | 0, STREAM: stream | 0 },
    },
    conditions: [distribution],
    operands: [reads("position", position, false), writes("out", out, out.columns % 4 === 0)],
    workgroups: workgroupsFor(out.rows * groups),
  };
}

export function lowerOneHot({ labels, values, out }: OneHotOp): Kernel {
  const groups = Math.ceil(out.columns / 4);
  return {
    shader: "labels",
    constants: { COLUMNS: out.columns, GROUPS: groups, ROWS: out.rows },
    conditions: ["one_hot", ...(values ? ["values"] : []), ...labelConditions(labels)],
    operands: [
      reads("labels", labels, false),
      ...(values ? [reads("values", values, false)] : []),
      writes("out", out, out.columns % 4 === 0),
    ],
    workgroups: workgroupsFor(out.rows * groups),
  };
}

export function lowerTake({ input, labels, out }: TakeOp): Kernel {
  return {
    shader: "labels",
    constants: { COLUMNS: input.columns, GROUPS: 1, ROWS: input.rows },
    conditions: ["take", ...labelConditions(labels)],
    operands: [reads("labels", labels, false), reads("input", input, false), writes("out", out, false)],
    workgroups: workgroupsFor(input.rows),
  };
}

const labelConditions = ({ type }: View): string[] => (type === "f32" ? ["float_labels"] : []);

export function lowerTranspose({ input, out }: TransposeOp): Kernel {
  return moved(input, out, { FIRST: 0, OUT_FIRST: 0, WIDTH: out.columns }, ["transpose"]);
}

export function lowerSliceColumns({ input, first, out }: SliceColumnsOp): Kernel {
  return moved(input, out, { FIRST: first, OUT_FIRST: 0, WIDTH: out.columns });
}

/** One kernel an input: so the number of inputs has no limit. */
export function lowerConcat(op: ConcatOp): Kernel[] {
  return placesOf(op).map(({ input, first }) =>
    moved(input, op.out, { FIRST: 0, OUT_FIRST: first, WIDTH: input.columns }),
  );
}

function moved(
  input: View,
  out: View,
  places: { readonly FIRST: number; readonly OUT_FIRST: number; readonly WIDTH: number },
  conditions: readonly string[] = [],
): Kernel {
  return {
    shader: "columns",
    constants: { COLUMNS: input.columns, OUT_COLUMNS: out.columns, ROWS: out.rows, ...places },
    conditions,
    operands: [reads("input", input, false), writes("out", out, false)],
    workgroups: workgroupsFor(elements({ ...out, columns: places.WIDTH })),
  };
}
