/**
 * One record defines an op: the form of its data, its rules, its cost, and its reference function. That is the most obvious loop
 * in float64; every device is tested against it. Each op has a file in `ops/`, and `op.ts` has the table.
 */
import type { ElementType, View } from "./buffer.js";
import type { Activated, Gradients } from "./gradient-rule.js";
import type { OpRules } from "./op-rules.js";

/** The field that every op has. */
export interface AnyOp {
  readonly kind: string;
}

/** The views an op reads and writes. A view in both is updated in place. */
export interface Operands {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

/** The elements of a view, as a reference function sees them. */
export interface Elements {
  readonly rows: number;
  readonly columns: number;
  /** The element at a row and a column. */
  get(row: number, column: number): number;
  /** Writes the element at a row and a column; it is rounded to the type of the view. */
  set(row: number, column: number, value: number): void;
  /** Calls `visit` for every element, row by row. */
  each(visit: (row: number, column: number) => void): void;
}

/** The elements of a view now: its cursor may have moved it. */
export type Memory = (view: View) => Elements;

/** For each key of `T`, whether it must be present. The compiler refuses a record that does not match `T`. */
type KeysOf<T> = {
  readonly [K in keyof Required<T>]: undefined extends T[K] ? "optional" : "required";
};

/** The arguments of an op: all its fields but `kind`. */
type ArgumentsOf<O> = Omit<O, "kind">;

/** A function that an op names: an activation, a loss or an update rule. */
export interface NamedFunction {
  readonly what: "activation" | "loss" | "update rule";
  readonly name: string;
}

/**
 * A kernel of a user's own op for WebGPU devices. `code` is WGSL. It reads and writes an operand by functions with the operand's name in the
 * op: `read_input(i)`, `write_out(i, value)`, and four neighbours at once by `read4_input(i)` and `write4_out(i, values, count)`, where i is
 * the number of an element, row by row, a multiple of 4 for four of them, and `count` is the number of elements that are left. Floats of any
 * type are f32. An operand that is a list has a number: `read_state0(i)`.
 */
export interface ShaderKernel {
  readonly code: string;
  /** Numbers that the code names. */
  readonly constants?: Readonly<Record<string, number>>;
  /**
   * How often a function `compute(i: u32)` of the code is called: for i = 0, 1, ..., in any order. Or leave it out and give `workgroups`.
   */
  readonly invocations?: number;
  /**
   * Number of workgroups of an entry point `main` of the code. It may use workgroup memory. `workgroup_index(group)` is the number of its
   * workgroup, `WORKGROUP` the number of invocations in one.
   */
  readonly workgroups?: number;
}

/** A compiled kernel of a user's own op for CPU devices: a function with the C interface of `native/dawnpour_op.h`. */
export interface NativeKernel {
  /** Path of a shared library, which the process loads. */
  readonly library: string;
  readonly symbol: string;
  /** What the function is given, in this order. */
  readonly views: readonly View[];
  readonly numbers?: readonly number[];
  /** Number of items, such as rows, that are computed each by itself: threads share them. Default: 1. */
  readonly items?: number;
}

/** The definition of an op: everything but the library's own kernels. */
export interface OpDefinition<O extends AnyOp> {
  /** The kind of the op. */
  readonly name: O["kind"];
  readonly keys: KeysOf<ArgumentsOf<O>>;
  /** The views that it reads and those that it writes. */
  operands(op: O): Operands;
  /** Checks the op's own rules. It is already checked that its views lie within their buffers. */
  check(op: O, rules: OpRules): void;
  /** Inputs that it may overwrite, because it reads each element before it writes that element. Default: none. */
  inPlace?(op: O): readonly View[];
  /** Keys of the operands that a cursor may move, because they are entries of tables. Default: none. */
  readonly movable?: readonly string[];
  /** The functions that it names. Default: none. */
  functions?(op: O): readonly NamedFunction[];
  /** Operations of one run, counted by the rules of `device/cost`. */
  flops(op: O): number;
  /** Number of rows that it reads of an operand. Default: all. */
  rowsRead?(op: O, view: View): number;
  /** What it computes, in float64: the definition that every device is tested against. */
  reference(op: O, memory: Memory): void;
  /** Its gradient rule. Default: it has none, and cannot be differentiated. */
  gradient?(op: O, gradients: Gradients): void;
  /** The activation with which it ends, if the gradient of `out` may already include the derivative. Default: none. */
  activated?(op: O): Activated | undefined;
  /** Its kernel on WebGPU devices. Without it, they refuse a user's own op. */
  wgsl?(op: O): ShaderKernel;
  /** Its kernel on CPU devices. Without it, the reference function of a user's own op runs there, in the order of the device. */
  native?(op: O): NativeKernel;
  /** The type in which its rule takes the gradient of `out`. Default: that of `out`. */
  gradientType?(op: O): ElementType;
}

/** Those of `views` that are not undefined. */
export function present(...views: readonly (View | undefined)[]): View[] {
  return views.filter((view) => view !== undefined);
}
