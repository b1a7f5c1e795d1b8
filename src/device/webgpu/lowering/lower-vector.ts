/**
 * Lowers the ops that work on whole vectors, element by element or as sums. The operands of one op are views of equal size, read
 * as flat vectors. A vector that is too long for one binding takes several dispatches.
 */
import { ALIGNMENT, elements, slice, type View } from "../../../program/buffer.js";
import type { LossOp, NormOp, SumRowsOp, UpdateOp } from "../../../program/op.js";
import { type Kernel, type Operand, reads, type Target, WORKGROUP, workgroupsFor, writes } from "../kernel.js";
import type { Scratch } from "../scratch.js";

/** Fours of elements that an invocation of a summing kernel adds up. */
const TURNS = 4;
/** Rows that one invocation adds up. */
const RUN = 128;

export interface Segment {
  readonly start: number;
  readonly length: number;
}

/**
 * Cuts a vector into pieces that can be bound. A piece has at most a quarter of the limit, because up to four neighbouring vectors
 * may have to share one binding.
 */
export function segments(length: number, target: Target): Segment[] {
  const quarter = Math.floor(target.limits.maxStorageBufferBindingSize / 16);
  const longest = Math.max(ALIGNMENT, Math.floor(quarter / ALIGNMENT - 1) * ALIGNMENT);
  return Array.from({ length: Math.ceil(length / longest) }, (_, i) => ({
    start: i * longest,
    length: Math.min(longest, length - i * longest),
  }));
}

export const part = (view: View, { start, length }: Segment): View => slice(view, start, 1, length);

/** One kernel of elementwise.wgsl or update.wgsl for each segment of `like`. `vectors` are cut into segments, `others` are not. */
export function lowerElementwise(
  kernel: Pick<Kernel, "shader" | "constants" | "conditions">,
  vectors: readonly Omit<Operand, "fours">[],
  others: readonly Operand[],
  target: Target,
): Kernel[] {
  return segments(elements(vectors[0].view), target).map((segment) => ({
    ...kernel,
    constants: { ...kernel.constants, LENGTH: segment.length },
    operands: [
      ...vectors.map((vector) => ({ ...vector, view: part(vector.view, segment), fours: segment.length % 4 === 0 })),
      ...others,
    ],
    workgroups: workgroupsFor(Math.ceil(segment.length / 4)),
  }));
}

export function lowerUpdate(op: UpdateOp, target: Target): Kernel[] {
  const { name, weightDecay, ...numbers } = op.rule;
  const constants: Record<string, number> = { WEIGHT_DECAY: weightDecay };
  for (const [key, value] of Object.entries(numbers)) constants[key.toUpperCase()] = value;
  const conditions: string[] = [name];
  if (weightDecay !== 0) conditions.push("decay");
  if (op.gradientScale) conditions.push("gradient_scale");
  if (op.gate) conditions.push("gate");
  const vectors = [
    { name: "parameters", view: op.parameters, writable: true },
    { name: "gradients", view: op.gradients, writable: false },
    ...op.state.map((view, i) => ({ name: i === 0 ? "first" : "second", view, writable: true })),
  ];
  const others = [
    reads("scalars", op.scalars, false),
    ...(op.gradientScale ? [reads("gradient_scale", op.gradientScale, false)] : []),
    ...(op.gate ? [reads("gate", op.gate, false)] : []),
  ];
  return lowerElementwise({ shader: "update", constants, conditions }, vectors, others, target);
}

export function lowerLoss(op: LossOp, target: Target, scratch: Scratch): Kernel[] {
  const { gradient, gradientScale } = op;
  const operands = (segment: Segment, fours: boolean): Operand[] => [
    reads("input", part(op.input, segment), fours),
    reads("target", part(op.target, segment), fours),
    ...(gradient ? [writes("gradient", part(gradient, segment), fours)] : []),
    ...(gradient && gradientScale ? [reads("gradient_scale", gradientScale, false)] : []),
  ];
  const kernel = {
    shader: "loss",
    constants: { SCALE: op.scale },
    conditions: [op.loss, ...(gradient ? ["gradient"] : []), ...(gradientScale ? ["gradient_scale"] : [])],
  };
  return lowerTotal(kernel, elements(op.input), operands, { view: op.total, scale: op.scale }, target, scratch);
}

export function lowerNorm(op: NormOp, target: Target, scratch: Scratch): Kernel[] {
  const operands = (segment: Segment, fours: boolean): Operand[] => [reads("input", part(op.input, segment), fours)];
  const kernel = { shader: "norm", constants: {}, conditions: [] };
  return lowerTotal(kernel, elements(op.input), operands, { view: op.out }, target, scratch);
}

/** Where a total is written, and the factor on it; without a factor its square root is written. */
interface Total {
  readonly view: View;
  readonly scale?: number;
}

/** Two stages: each workgroup makes a sum, then one workgroup adds those sums. */
function lowerTotal(
  kernel: Pick<Kernel, "shader" | "constants" | "conditions">,
  length: number,
  operands: (segment: Segment, fours: boolean) => Operand[],
  { view, scale }: Total,
  target: Target,
  scratch: Scratch,
): Kernel[] {
  const perWorkgroup = 4 * TURNS * WORKGROUP;
  const pieces = segments(length, target).map((segment) => ({
    segment,
    workgroups: Math.ceil(segment.length / perWorkgroup),
  }));
  const count = pieces.reduce((sum, piece) => sum + piece.workgroups, 0);
  const partial = scratch.take(1, count);
  let done = 0;
  const sums = pieces.map(({ segment, workgroups }): Kernel => {
    const own = slice(partial, done, 1, workgroups);
    done += workgroups;
    return {
      ...kernel,
      constants: { ...kernel.constants, LENGTH: segment.length, TURNS },
      operands: [...operands(segment, segment.length % 4 === 0), writes("partial", own, false)],
      workgroups,
    };
  });
  const total: Kernel = {
    shader: "total",
    constants: { COUNT: count, SCALE: scale ?? 1 },
    conditions: scale === undefined ? ["root"] : [],
    operands: [reads("partial", partial, false), writes("total", view, false)],
    workgroups: 1,
  };
  return [...sums, total];
}

/** The levels of a tree. Each level adds up runs of rows, until one row is left. */
export function lowerSumRows(op: SumRowsOp, scratch: Scratch): Kernel[] {
  const { columns } = op.out;
  const groups = Math.ceil(columns / 4);
  const kernels: Kernel[] = [];
  let input = op.input;
  for (let last = false; !last; ) {
    const runs = Math.ceil(input.rows / RUN);
    last = runs === 1;
    const out = last ? op.out : scratch.take(runs, columns);
    kernels.push({
      shader: "sum_rows",
      constants: { COLUMNS: columns, GROUPS: groups, ROWS: input.rows, RUN, RUNS: runs },
      conditions: last && op.accumulate ? ["accumulate"] : [],
      operands: [reads("input", input, columns % 4 === 0), writes("out", out, columns % 4 === 0)],
      workgroups: workgroupsFor(runs * groups),
    });
    input = out;
  }
  return kernels;
}
