/** The types of ops: the comment of each is its definition. A builder's method adds one. */
export type {
  ActivateOp,
  Activation,
  ActivationGradientOp,
  AddOp,
  AdvanceOp,
  BuiltInActivation,
  BuiltInLoss,
  BuiltInOp,
  BuiltInRule,
  ClipFactorOp,
  ConcatOp,
  CopyOp,
  ExampleNormsOp,
  Expression,
  FillOp,
  FunctionName,
  GatherOp,
  GemmOp,
  GuardOp,
  Loss,
  LossOp,
  LossScaleOp,
  MapOp,
  NormOp,
  OneHotOp,
  Op,
  OpKind,
  RandomOp,
  ReduceOp,
  ScaleOp,
  SliceColumnsOp,
  SumRowsOp,
  TakeOp,
  TransposeOp,
  UpdateOp,
  UpdateRule,
  UserOp,
  UserRule,
} from "../program/op.js";
export type { AdadeltaRule } from "../program/rules/adadelta.js";
export type { AdagradRule } from "../program/rules/adagrad.js";
export type { AdamRule } from "../program/rules/adam.js";
export type { AdamwRule } from "../program/rules/adamw.js";
export type { MomentumRule } from "../program/rules/momentum.js";
export type { NesterovRule } from "../program/rules/nesterov.js";
export type { RmspropRule } from "../program/rules/rmsprop.js";
export type { SgdRule } from "../program/rules/sgd.js";
