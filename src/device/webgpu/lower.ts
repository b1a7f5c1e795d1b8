/** Lowers ops to kernels: pure, so that what a device would run can be listed, counted and checked without one. */
import { elements, slice, type View } from "../../program/buffer.js";
import { type GatherOp, type GuardOp, LOSS_SCALES, type LossScaleOp, type Op } from "../../program/op.js";
import { activates, derives } from "./conditions.js";
import type { GemmPlanner } from "./gemm-tile.js";
import { type Kernel, reads, type Target, workgroupsFor, writes } from "./kernel.js";
import { lowerGemm } from "./lower-gemm.js";
import { lowerElementwise, lowerLoss, lowerNorm, lowerSumRows, lowerUpdate } from "./lower-vector.js";
import type { Scratch } from "./scratch.js";

export function lower(op: Op, target: Target, scratch: Scratch, plan: GemmPlanner): Kernel[] {
  scratch.reset();
  switch (op.kind) {
    case "gather":
      return lowerGather(op, target);
    case "gemm":
      return lowerGemm(op, target, scratch, plan);
    case "activate":
      return op.activation === "linear"
        ? elementwise(["copy"], { input: op.input }, op.out, target)
        : elementwise(activates(op.activation), { input: op.input }, op.out, target);
    case "activationGradient": {
      const conditions = ["activation_gradient", ...derives(op.activation)];
      return elementwise(conditions, { input: op.gradient, at: op.at }, op.out, target);
    }
    case "loss":
      return lowerLoss(op, target, scratch);
    case "sumRows":
      return lowerSumRows(op, scratch);
    case "update":
      return lowerUpdate(op, target);
    case "scale":
      return elementwise(["scale"], { input: op.input }, op.out, target, { FACTOR: op.factor });
    case "add":
      return elementwise(["add"], { input: op.a, b: op.b }, op.out, target, { FACTOR: op.factor });
    case "copy":
      return elementwise(["copy"], { input: op.input }, op.out, target);
    case "fill":
      return elementwise(["fill"], {}, op.out, target, { VALUE: op.value });
    case "norm":
      return lowerNorm(op, target, scratch);
    case "clipFactor":
      return elementwise(["clip_factor"], { input: op.norm }, op.out, target, { VALUE: op.maximum });
    case "lossScale":
      return [lowerLossScale(op)];
    case "guard":
      return [lowerGuard(op)];
    case "advance":
      return [
        {
          shader: "advance",
          constants: {},
          conditions: [],
          operands: [writes("cursor", op.cursor, false)],
          workgroups: 1,
        },
      ];
  }
}

function elementwise(
  conditions: readonly string[],
  inputs: Readonly<Record<string, View>>,
  out: View,
  target: Target,
  constants: Readonly<Record<string, number>> = {},
): Kernel[] {
  const vectors = [
    { name: "out", view: out, writable: true },
    ...Object.entries(inputs).map(([name, view]) => ({ name, view, writable: false })),
  ];
  return lowerElementwise({ shader: "elementwise", constants, conditions }, vectors, [], target);
}

function lowerLossScale(op: LossScaleOp): Kernel {
  const [LEAST, GREATEST] = LOSS_SCALES;
  return {
    shader: "loss_scale",
    constants: { LEAST, GREATEST, INTERVAL: op.interval, MAXIMUM: op.maximum ?? 0 },
    conditions: op.maximum === undefined ? [] : ["clip"],
    operands: [reads("norm", op.norm, false), writes("state", op.state, false), writes("out", op.out, false)],
    workgroups: 1,
  };
}

function lowerGuard({ norm, loss, state, out }: GuardOp): Kernel {
  return {
    shader: "guard",
    constants: {},
    conditions: [],
    operands: [
      reads("norm", norm, false),
      reads("loss", loss, false),
      writes("state", state, false),
      writes("out", out, false),
    ],
    workgroups: 1,
  };
}

/** One kernel, or as many as it takes to bind the whole source. */
function lowerGather(op: GatherOp, target: Target): Kernel[] {
  const { rows: count, columns } = op.source;
  const bytes = columns * (op.source.type === "u8" ? 1 : 4);
  // Two granules less than fits: a binding starts at an aligned address below the rows and ends at one above.
  const room = target.limits.maxStorageBufferBindingSize - 2 * target.limits.minStorageBufferOffsetAlignment;
  const most = Math.max(1, Math.floor(room / bytes));
  const groups = Math.ceil(columns / 4);
  const fours = columns % 4 === 0;
  return Array.from({ length: Math.ceil(count / most) }, (_, i): Kernel => {
    const first = i * most;
    const end = Math.min(first + most, count);
    return {
      shader: "gather",
      constants: {
        ...{ COLUMNS: columns, COUNT: count, FIRST: first, END: end },
        ...{ GROUPS: groups, ROWS: op.out.rows, SCALE: op.scale },
      },
      conditions: count > most ? ["segmented"] : [],
      operands: [
        reads("source", slice(op.source, first * columns, end - first, columns), fours),
        reads("rows", op.rows, false),
        writes("out", op.out, fours),
      ],
      workgroups: workgroupsFor(elements({ ...op.out, columns: groups })),
    };
  });
}
