/**
 * A training step is data: a `Program` is a list of typed buffers and a list of ops over views of them. It knows no
 * device. The builder checks every op as it is added, so that a program that exists is a program that can run; its
 * errors name the program, the op, the rule and the value.
 */
import type { View } from "./buffer.js";
import type {
  ActivateOp,
  ActivationGradientOp,
  AddOp,
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
  Op,
  RandomOp,
  ReduceOp,
  ScaleOp,
  SliceColumnsOp,
  SumRowsOp,
  TakeOp,
  TransposeOp,
  UpdateOp,
} from "./op.js";
import { type Program, ProgramParts } from "./program-parts.js";

export type { Program };

type Arguments<T extends Op> = Omit<T, "kind">;
/** The fields of a gemm that may be left out: no transposes, no accumulation, linear. */
type GemmDefaults = "transposeA" | "transposeB" | "accumulate" | "activation";

/**
 * Builds a program. Each method that is named like an op adds one, as the interface that its arguments come from defines it
 * in `ops/`, and returns the builder.
 * @throws ProgramError when an op breaks a rule: names the program, the op, the rule and the value
 * @example
 * ```ts
 * import { openDevice, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("product");
 * const a = builder.buffer("a", "f32", [1, 2]);
 * const b = builder.buffer("b", "f32", [2, 1]);
 * builder.gemm({ a, b, out: builder.buffer("out", "f32", [1, 1]) });
 *
 * await using device = await openDevice({ device: "reference" });
 * const product = await device.compile(builder.build());
 * product.buffer("a").write(Float32Array.of(2, 3));
 * product.buffer("b").write(Float32Array.of(5, 7));
 * product.run();
 * console.log((await product.buffer("out").read())[0]); // 31
 * ```
 */
export class ProgramBuilder extends ProgramParts {
  /** Adds a `GatherOp`: a batch of rows by number. */
  gather(args: Arguments<GatherOp>): this {
    return this.append({ kind: "gather", ...args });
  }

  /** Adds a `GemmOp`: a matrix product, with bias, activation and more fused. */
  gemm(args: Omit<Arguments<GemmOp>, GemmDefaults> & Partial<Pick<GemmOp, GemmDefaults>>): this {
    const defaults = { transposeA: false, transposeB: false, accumulate: false, activation: "linear" } as const;
    return this.append({ kind: "gemm", ...defaults, ...args });
  }

  /** Adds an `ActivateOp`. */
  activate(args: Arguments<ActivateOp>): this {
    return this.append({ kind: "activate", ...args });
  }

  /** Adds an `ActivationGradientOp`. */
  activationGradient(args: Arguments<ActivationGradientOp>): this {
    return this.append({ kind: "activationGradient", ...args });
  }

  /** Adds a `LossOp`: the loss and its gradient. */
  loss(args: Arguments<LossOp>): this {
    return this.append({ kind: "loss", ...args });
  }

  /** Adds a `SumRowsOp`: sums over the rows, the gradient of a bias. */
  sumRows(args: Omit<Arguments<SumRowsOp>, "accumulate"> & { readonly accumulate?: boolean }): this {
    return this.append({ kind: "sumRows", accumulate: false, ...args });
  }

  /** Adds an `UpdateOp`: one step of an optimizer. */
  update(args: Arguments<UpdateOp>): this {
    return this.append({ kind: "update", ...args });
  }

  /** Adds a `ScaleOp`. */
  scale(args: Arguments<ScaleOp>): this {
    return this.append({ kind: "scale", ...args });
  }

  /** Adds an `AddOp`; the factor is 1 unless given. */
  add(args: Omit<Arguments<AddOp>, "factor"> & { readonly factor?: number }): this {
    return this.append({ kind: "add", factor: 1, ...args });
  }

  /** Adds a `CopyOp`. */
  copy(args: Arguments<CopyOp>): this {
    return this.append({ kind: "copy", ...args });
  }

  /** Adds a `FillOp`. */
  fill(args: Arguments<FillOp>): this {
    return this.append({ kind: "fill", ...args });
  }

  /** Adds a `NormOp`. */
  norm(args: Arguments<NormOp>): this {
    return this.append({ kind: "norm", ...args });
  }

  /** Adds an `ExampleNormsOp`: the squared norms of the gradients of single examples; with the bias unless it is left out. */
  exampleNorms(args: Omit<Arguments<ExampleNormsOp>, "bias" | "accumulate"> & Partial<ExampleNormsOp>): this {
    return this.append({ bias: true, accumulate: false, ...args, kind: "exampleNorms" });
  }

  /** Adds a `ClipFactorOp`: what clips gradients by their global norm. */
  clipFactor(args: Arguments<ClipFactorOp>): this {
    return this.append({ kind: "clipFactor", ...args });
  }

  /** Adds a `LossScaleOp`: what keeps small gradients from vanishing in f16. */
  lossScale(args: Arguments<LossScaleOp>): this {
    return this.append({ kind: "lossScale", ...args });
  }

  /** Adds a `GuardOp`: what keeps damage out of a state between two inspections. */
  guard(args: Arguments<GuardOp>): this {
    return this.append({ kind: "guard", ...args });
  }

  /** Adds a `MapOp`: a formula of your own, elementwise. */
  map(args: Arguments<MapOp>): this {
    return this.append({ kind: "map", ...args });
  }

  /** Adds a `ReduceOp`: sums, means or maxima of rows, of columns, or of all. */
  reduce(args: Arguments<ReduceOp>): this {
    return this.append({ kind: "reduce", ...args });
  }

  /** Adds a `RandomOp`: noise that depends on its address alone; the row is 0 unless given. */
  random(args: Omit<Arguments<RandomOp>, "row"> & { readonly row?: number }): this {
    return this.append({ kind: "random", row: 0, ...args });
  }

  /** Adds a `OneHotOp`: a 1, or a value, in the column that a label names. */
  oneHot(args: Arguments<OneHotOp>): this {
    return this.append({ kind: "oneHot", ...args });
  }

  /** Adds a `TakeOp`: of each row the element that a label names. */
  take(args: Arguments<TakeOp>): this {
    return this.append({ kind: "take", ...args });
  }

  /** Adds a `TransposeOp`. */
  transpose(args: Arguments<TransposeOp>): this {
    return this.append({ kind: "transpose", ...args });
  }

  /** Adds a `SliceColumnsOp`: some columns of a matrix. */
  sliceColumns(args: Arguments<SliceColumnsOp>): this {
    return this.append({ kind: "sliceColumns", ...args });
  }

  /** Adds a `ConcatOp`: matrices side by side. */
  concat(args: Arguments<ConcatOp>): this {
    return this.append({ kind: "concat", ...args });
  }

  /** Adds an `AdvanceOp`: moves a cursor to the next entry. */
  advance(cursor: View): this {
    return this.append({ kind: "advance", cursor });
  }

  /**
   * Adds an op as it is: one of a user's own, defined by `ops.add(...)`, or one of the library's with all its fields.
   * For example, `builder.op({ kind: "acme/swish", input, out })`.
   */
  op<O extends Op>(op: O): this {
    return this.append(op);
  }

  /** A builder that goes on where a program ends. */
  static from({ name, buffers, ops }: Program): ProgramBuilder {
    const builder = new ProgramBuilder(name);
    for (const buffer of buffers) builder.buffer(buffer.name, buffer.type, [buffer.length]);
    for (const op of ops) builder.op(op);
    return builder;
  }
}
