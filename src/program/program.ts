/**
 * A training step is data: a `Program` is a list of typed buffers and a list of ops over views of them. It knows no
 * device. The builder checks every op as it is added, so that a program that exists is a program that can run; its
 * errors name the program, the op, the rule and the value.
 */
import type { BufferDeclaration, ElementType, View } from "./buffer.js";
import { checkOp, ProgramError } from "./check.js";
import type {
  ActivateOp,
  ActivationGradientOp,
  AddOp,
  ClipFactorOp,
  ConcatOp,
  CopyOp,
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

/** Buffers, and ops over views of them in the order in which they run. */
export interface Program {
  readonly name: string;
  readonly buffers: readonly BufferDeclaration[];
  readonly ops: readonly Op[];
}

type Arguments<T extends Op> = Omit<T, "kind">;
/** The fields of a gemm that may be left out: no transposes, no accumulation, linear. */
type GemmDefaults = "transposeA" | "transposeB" | "accumulate" | "activation";

/**
 * Builds a program. Each method that is named like an op adds one, as the interface that its arguments come from defines it
 * in `ops/`, and returns the builder.
 * @throws ProgramError when an op breaks a rule: names the program, the op, the rule and the value
 */
export class ProgramBuilder {
  readonly #name: string;
  readonly #buffers = new Map<string, BufferDeclaration>();
  readonly #ops: Op[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares a buffer and returns the view of all of it. `shape` is `[columns]` (one row) or `[rows, columns]`. */
  buffer(name: string, type: ElementType, shape: readonly [number] | readonly [number, number]): View {
    const [rows, columns] = this.#matrix(name, shape);
    if (this.#buffers.has(name)) {
      throw new ProgramError(`${this.#name}: buffer "${name}" is declared twice; give each buffer a name of its own`);
    }
    for (const size of [rows, columns]) {
      if (!Number.isSafeInteger(size) || size < 1) {
        throw new ProgramError(`${this.#name}: buffer "${name}": sizes must be whole numbers from 1, got [${shape}]`);
      }
    }
    this.#buffers.set(name, { name, type, length: rows * columns });
    return { buffer: name, type, offset: 0, rows, columns };
  }

  /**
   * Declares a table of `entries` matrices and returns the view of the one that `cursor` (a u32 `[1, 1]` buffer) points
   * at. Reading or writing the buffer from outside moves the whole table.
   */
  table(
    name: string,
    type: ElementType,
    entries: number,
    shape: readonly [number] | readonly [number, number],
    cursor: View,
  ): View {
    const [rows, columns] = this.#matrix(name, shape);
    this.buffer(name, type, [entries, rows * columns]);
    return { buffer: name, type, offset: 0, rows, columns, cursor: cursor.buffer };
  }

  /** Adds a `GatherOp`: a batch of rows by number. */
  gather(args: Arguments<GatherOp>): this {
    return this.#add({ kind: "gather", ...args });
  }

  /** Adds a `GemmOp`: a matrix product, with bias, activation and more fused. */
  gemm(args: Omit<Arguments<GemmOp>, GemmDefaults> & Partial<Pick<GemmOp, GemmDefaults>>): this {
    const defaults = { transposeA: false, transposeB: false, accumulate: false, activation: "linear" } as const;
    return this.#add({ kind: "gemm", ...defaults, ...args });
  }

  /** Adds an `ActivateOp`. */
  activate(args: Arguments<ActivateOp>): this {
    return this.#add({ kind: "activate", ...args });
  }

  /** Adds an `ActivationGradientOp`. */
  activationGradient(args: Arguments<ActivationGradientOp>): this {
    return this.#add({ kind: "activationGradient", ...args });
  }

  /** Adds a `LossOp`: the loss and its gradient. */
  loss(args: Arguments<LossOp>): this {
    return this.#add({ kind: "loss", ...args });
  }

  /** Adds a `SumRowsOp`: sums over the rows, the gradient of a bias. */
  sumRows(args: Omit<Arguments<SumRowsOp>, "accumulate"> & { readonly accumulate?: boolean }): this {
    return this.#add({ kind: "sumRows", accumulate: false, ...args });
  }

  /** Adds an `UpdateOp`: one step of an optimizer. */
  update(args: Arguments<UpdateOp>): this {
    return this.#add({ kind: "update", ...args });
  }

  /** Adds a `ScaleOp`. */
  scale(args: Arguments<ScaleOp>): this {
    return this.#add({ kind: "scale", ...args });
  }

  /** Adds an `AddOp`; the factor is 1 unless given. */
  add(args: Omit<Arguments<AddOp>, "factor"> & { readonly factor?: number }): this {
    return this.#add({ kind: "add", factor: 1, ...args });
  }

  /** Adds a `CopyOp`. */
  copy(args: Arguments<CopyOp>): this {
    return this.#add({ kind: "copy", ...args });
  }

  /** Adds a `FillOp`. */
  fill(args: Arguments<FillOp>): this {
    return this.#add({ kind: "fill", ...args });
  }

  /** Adds a `NormOp`. */
  norm(args: Arguments<NormOp>): this {
    return this.#add({ kind: "norm", ...args });
  }

  /** Adds a `ClipFactorOp`: what clips gradients by their global norm. */
  clipFactor(args: Arguments<ClipFactorOp>): this {
    return this.#add({ kind: "clipFactor", ...args });
  }

  /** Adds a `LossScaleOp`: what keeps small gradients from vanishing in f16. */
  lossScale(args: Arguments<LossScaleOp>): this {
    return this.#add({ kind: "lossScale", ...args });
  }

  /** Adds a `GuardOp`: what keeps damage out of a state between two inspections. */
  guard(args: Arguments<GuardOp>): this {
    return this.#add({ kind: "guard", ...args });
  }

  /** Adds a `MapOp`: a formula of your own, elementwise. */
  map(args: Arguments<MapOp>): this {
    return this.#add({ kind: "map", ...args });
  }

  /** Adds a `ReduceOp`: sums, means or maxima of rows, of columns, or of all. */
  reduce(args: Arguments<ReduceOp>): this {
    return this.#add({ kind: "reduce", ...args });
  }

  /** Adds a `RandomOp`: noise that depends on its address alone; the row is 0 unless given. */
  random(args: Omit<Arguments<RandomOp>, "row"> & { readonly row?: number }): this {
    return this.#add({ kind: "random", row: 0, ...args });
  }

  /** Adds a `OneHotOp`: a 1, or a value, in the column that a label names. */
  oneHot(args: Arguments<OneHotOp>): this {
    return this.#add({ kind: "oneHot", ...args });
  }

  /** Adds a `TakeOp`: of each row the element that a label names. */
  take(args: Arguments<TakeOp>): this {
    return this.#add({ kind: "take", ...args });
  }

  /** Adds a `TransposeOp`. */
  transpose(args: Arguments<TransposeOp>): this {
    return this.#add({ kind: "transpose", ...args });
  }

  /** Adds a `SliceColumnsOp`: some columns of a matrix. */
  sliceColumns(args: Arguments<SliceColumnsOp>): this {
    return this.#add({ kind: "sliceColumns", ...args });
  }

  /** Adds a `ConcatOp`: matrices side by side. */
  concat(args: Arguments<ConcatOp>): this {
    return this.#add({ kind: "concat", ...args });
  }

  /** Adds an `AdvanceOp`: moves a cursor to the next entry. */
  advance(cursor: View): this {
    return this.#add({ kind: "advance", cursor });
  }

  /**
   * Adds an op as it is: one of a user's own, defined by `ops.add(...)`, or one of the library's with all its fields.
   * @example builder.op({ kind: "acme/swish", input, out })
   */
  op<O extends Op>(op: O): this {
    return this.#add(op);
  }

  /** The ops so far. */
  get ops(): readonly Op[] {
    return this.#ops;
  }

  /** What it is called. */
  get name(): string {
    return this.#name;
  }

  /** Gives an op that was added before more operands, or other ones; it is checked again. */
  amend(index: number, changes: Readonly<Record<string, unknown>>): this {
    const op = { ...this.#ops[index], ...changes } as Op;
    checkOp(`${this.#name}, op ${index}`, op, this.#buffers);
    this.#ops[index] = op;
    return this;
  }

  /** `name`, or with a number after it where a buffer has that name. */
  unusedName(name: string): string {
    if (!this.#buffers.has(name)) return name;
    for (let i = 2; ; i++) if (!this.#buffers.has(`${name}.${i}`)) return `${name}.${i}`;
  }

  /** A builder that goes on where a program ends. */
  static from({ name, buffers, ops }: Program): ProgramBuilder {
    const builder = new ProgramBuilder(name);
    for (const buffer of buffers) builder.buffer(buffer.name, buffer.type, [buffer.length]);
    for (const op of ops) builder.op(op);
    return builder;
  }

  /** The program so far. @throws ProgramError when it has no op */
  build(): Program {
    if (this.#ops.length === 0) {
      throw new ProgramError(`${this.#name}: a program needs at least one op`);
    }
    return { name: this.#name, buffers: [...this.#buffers.values()], ops: [...this.#ops] };
  }

  #matrix(name: string, shape: readonly number[]): readonly [rows: number, columns: number] {
    if (!Array.isArray(shape) || shape.length < 1 || shape.length > 2) {
      const got = Array.isArray(shape) ? `[${shape}]` : String(shape);
      throw new ProgramError(
        `${this.#name}: buffer "${name}": a shape is [columns] or [rows, columns], got ${got.slice(0, 60)}: fold further sizes into the rows`,
      );
    }
    return shape.length === 1 ? [1, shape[0]] : [shape[0], shape[1]];
  }

  #add(op: Op): this {
    checkOp(`${this.#name}, op ${this.#ops.length}`, op, this.#buffers);
    this.#ops.push(op);
    return this;
  }
}
