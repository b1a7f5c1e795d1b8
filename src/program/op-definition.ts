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

/** The definition of an op: everything but its kernels. */
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
  /** The type in which its rule takes the gradient of `out`. Default: that of `out`. */
  gradientType?(op: O): ElementType;
}

/** Those of `views` that are not undefined. */
export function present(...views: readonly (View | undefined)[]): View[] {
  return views.filter((view) => view !== undefined);
}
