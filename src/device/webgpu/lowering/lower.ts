/** Lowers ops to kernels. Lowering is pure, so the kernels of a program can be listed, counted and checked without a device. */
import { isUserName } from "../../../definitions.js";
import { elements, slice, type View } from "../../../program/buffer.js";
import { mapWork } from "../../../program/fuse-maps.js";
import {
  type BuiltInOp,
  type GatherOp,
  type GuardOp,
  LOSS_SCALES,
  type LossScaleOp,
  type Op,
} from "../../../program/op.js";
import { activates, derives } from "../conditions.js";
import type { GemmPlanner } from "../gemm-tile.js";
import { type Kernel, reads, type Target, workgroupsFor, writes } from "../kernel.js";
import type { Scratch } from "../scratch.js";
import {
  lowerConcat,
  lowerOneHot,
  lowerRandom,
  lowerSliceColumns,
  lowerTake,
  lowerTranspose,
} from "./lower-columns.js";
import { lowerGemm } from "./lower-gemm.js";
import { lowerMaps } from "./lower-map.js";
import { lowerOwn } from "./lower-own.js";
import { lowerExampleNorms, lowerReduce } from "./lower-reduce.js";
import { lowerElementwise, lowerLoss, lowerNorm, lowerSumRows, lowerUpdate } from "./lower-vector.js";

/** The inputs of lowering, besides the op. */
interface Tools {
  readonly target: Target;
  readonly scratch: Scratch;
  readonly plan: GemmPlanner;
}

/** The lowering of each op. */
const LOWERINGS: { readonly [O in BuiltInOp as O["kind"]]: (op: O, tools: Tools) => Kernel[] } = {
  gather: (op, { target }) => lowerGather(op, target),
  gemm: (op, { target, scratch, plan }) => lowerGemm(op, target, scratch, plan),
  activate({ activation, input, out }, { target }) {
    const conditions = activation === "linear" ? ["copy"] : activates(activation);
    return elementwise(conditions, { input }, out, target);
  },
  activationGradient({ activation, gradient, at, out }, { target }) {
    return elementwise(["activation_gradient", ...derives(activation)], { input: gradient, at }, out, target);
  },
  loss: (op, { target, scratch }) => lowerLoss(op, target, scratch),
  sumRows: (op, { scratch }) => lowerSumRows(op, scratch),
  update: (op, { target }) => lowerUpdate(op, target),
  scale: ({ input, factor, out }, { target }) => elementwise(["scale"], { input }, out, target, { FACTOR: factor }),
  add: ({ a, b, factor, out }, { target }) => elementwise(["add"], { input: a, b }, out, target, { FACTOR: factor }),
  copy: ({ input, out }, { target }) => elementwise(["copy"], { input }, out, target),
  fill: ({ value, out }, { target }) => elementwise(["fill"], {}, out, target, { VALUE: value }),
  norm: (op, { target, scratch }) => lowerNorm(op, target, scratch),
  clipFactor({ norm, maximum, out }, { target }) {
    return elementwise(["clip_factor"], { input: norm }, out, target, { VALUE: maximum });
  },
  lossScale: (op) => [lowerLossScale(op)],
  guard: (op) => [lowerGuard(op)],
  map: (op, { target }) => lowerMaps(mapWork([op]), target),
  reduce: (op, { scratch }) => lowerReduce(op, scratch),
  random: (op) => [lowerRandom(op)],
  oneHot: (op) => [lowerOneHot(op)],
  take: (op) => [lowerTake(op)],
  transpose: (op) => [lowerTranspose(op)],
  sliceColumns: (op) => [lowerSliceColumns(op)],
  concat: (op) => lowerConcat(op),
  exampleNorms: (op) => [lowerExampleNorms(op)],
  advance: ({ cursor }) => [
    { shader: "advance", constants: {}, conditions: [], operands: [writes("cursor", cursor, false)], workgroups: 1 },
  ],
};

/** The kernels of an op. `checkKernels` must have found that the device has them. */
export function lower(op: Op, target: Target, scratch: Scratch, plan: GemmPlanner): Kernel[] {
  scratch.reset();
  if (isUserName(op.kind)) return [lowerOwn(op)];
  const lowering = LOWERINGS[op.kind as BuiltInOp["kind"]] as (op: Op, tools: Tools) => Kernel[];
  return lowering(op, { target, scratch, plan });
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

/** One kernel; more where the source is too long for one binding. */
function lowerGather(op: GatherOp, target: Target): Kernel[] {
  const { rows: count, columns } = op.source;
  const bytes = columns * (op.source.type === "u8" ? 1 : 4);
  // Room for the alignment at both ends: a binding starts at an aligned address below its rows, and ends at one above them.
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
