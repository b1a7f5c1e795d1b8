/**
 * The ops: what a device must be able to do, and nothing more.
 *
 * Each op is plain data. The comment in its file in `ops/` is its definition. The reference function in that file is the same
 * definition as the most obvious loop, and every other device is tested against it. Unless an op says otherwise, operands are f32,
 * and an output overlaps an input only where the two are the same view ("in place").
 *
 * "float" means f32, f16 or bf16; operands of one op may differ in this. Arithmetic is always f32. A narrower operand is widened
 * when it is read, and rounded to the nearest when it is written. An f16 of 65520 and more rounds to infinity.
 */
import { Definitions, type UserName } from "../definitions.js";
import type { AnyOp, OpDefinition, Operands } from "./op-definition.js";
import { type ActivateOp, activate } from "./ops/activate.js";
import { type ActivationGradientOp, activationGradient } from "./ops/activation-gradient.js";
import { type AddOp, add } from "./ops/add.js";
import { type AdvanceOp, advance } from "./ops/advance.js";
import { type ClipFactorOp, clipFactor } from "./ops/clip-factor.js";
import { type ConcatOp, concat } from "./ops/concat.js";
import { type CopyOp, copy } from "./ops/copy.js";
import { type ExampleNormsOp, exampleNorms } from "./ops/example-norms.js";
import { type FillOp, fill } from "./ops/fill.js";
import { type GatherOp, gather } from "./ops/gather.js";
import { type GemmOp, gemm } from "./ops/gemm.js";
import { type GuardOp, guard } from "./ops/guard.js";
import { type LossOp, loss } from "./ops/loss.js";
import { type LossScaleOp, lossScale } from "./ops/loss-scale.js";
import { type MapOp, map } from "./ops/map.js";
import { type NormOp, norm } from "./ops/norm.js";
import { type OneHotOp, oneHot } from "./ops/one-hot.js";
import { type RandomOp, random } from "./ops/random.js";
import { type ReduceOp, reduce } from "./ops/reduce.js";
import { type ScaleOp, scale } from "./ops/scale.js";
import { type SliceColumnsOp, sliceColumns } from "./ops/slice-columns.js";
import { type SumRowsOp, sumRows } from "./ops/sum-rows.js";
import { type TakeOp, take } from "./ops/take.js";
import { type TransposeOp, transpose } from "./ops/transpose.js";
import { type UpdateOp, update } from "./ops/update.js";

export { ACTIVATIONS, type Activation, activations, type BuiltInActivation, derivativeFrom } from "./activation.js";
export { type ActivationDefinition, defineActivation } from "./activation-definition.js";
export { LEAKY_SLOPE } from "./activations/leaky-relu.js";
export type { Expression } from "./expression/expression.js";
export { FUNCTION_NAMES, type FunctionName } from "./expression/functions.js";
export type { Gradients } from "./gradient-rule.js";
export { type BuiltInLoss, LOSSES, type Loss, losses } from "./loss.js";
export { defineLoss, type LossDefinition } from "./loss-definition.js";
export type {
  AnyOp,
  Elements,
  Memory,
  NamedFunction,
  NativeKernel,
  OpDefinition,
  Operands,
  ShaderKernel,
} from "./op-definition.js";
export type { OpRules } from "./op-rules.js";
export { FIRST_GUARD } from "./ops/guard.js";
export { FIRST_LOSS_SCALE, LOSS_SCALES } from "./ops/loss-scale.js";
export { DISTRIBUTIONS } from "./ops/random.js";

export { REDUCED, REDUCTIONS } from "./ops/reduce.js";
export { UPDATE_SCALARS } from "./ops/update.js";
export { type BuiltInRule, stateSlots, UPDATE_RULES, type UpdateRule, type UserRule, updateRules } from "./rule.js";
export type { AnyRule, Parameter, RuleDefinition, Scalars } from "./rule-definition.js";
export type {
  ActivateOp,
  ActivationGradientOp,
  AddOp,
  AdvanceOp,
  ClipFactorOp,
  ConcatOp,
  CopyOp,
  ExampleNormsOp,
  FillOp,
  GatherOp,
  GemmOp,
  GuardOp,
  LossOp,
  LossScaleOp,
  MapOp,
  NormOp,
  OneHotOp,
  RandomOp,
  ReduceOp,
  ScaleOp,
  SliceColumnsOp,
  SumRowsOp,
  TakeOp,
  TransposeOp,
  UpdateOp,
};

/** An op that the library brings: every device has a kernel for it. */
export type BuiltInOp =
  | GatherOp
  | GemmOp
  | ActivateOp
  | ActivationGradientOp
  | LossOp
  | SumRowsOp
  | UpdateOp
  | ScaleOp
  | AddOp
  | CopyOp
  | FillOp
  | NormOp
  | ClipFactorOp
  | LossScaleOp
  | GuardOp
  | AdvanceOp
  | MapOp
  | ReduceOp
  | RandomOp
  | OneHotOp
  | TakeOp
  | TransposeOp
  | SliceColumnsOp
  | ConcatOp
  | ExampleNormsOp;

/** An op that a user has defined: plain data, as every op. */
export interface UserOp {
  readonly kind: UserName;
}

/** Any op. */
export type Op = BuiltInOp | UserOp;

/** The name of an op. */
export type OpKind = Op["kind"];

/** In the order in which the native core numbers them. */
const BUILT_IN = [
  gather,
  gemm,
  activate,
  activationGradient,
  loss,
  sumRows,
  update,
  scale,
  add,
  copy,
  fill,
  norm,
  clipFactor,
  lossScale,
  guard,
  advance,
  map,
  reduce,
  random,
  oneHot,
  take,
  transpose,
  sliceColumns,
  concat,
  exampleNorms,
] as readonly OpDefinition<AnyOp>[];

/** All ops, users' own among them. */
export const ops = new Definitions<OpDefinition<AnyOp>>("op", BUILT_IN);

/** The kinds of the ops that the library brings. */
export const OP_KINDS = BUILT_IN.map(({ name }) => name) as readonly BuiltInOp["kind"][];

/** The views that an op reads and those that it writes. */
export function operands(op: Op): Operands {
  return ops.get(op.kind).operands(op);
}
