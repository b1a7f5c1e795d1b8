/**
 * What an op is, in one record: the form of its data, its rules, its cost, and its meaning as the most obvious loop in
 * float64, the oracle that every device is tested against. One file each in `ops/`; `op.ts` has the table.
 */
import type { ElementType, View } from "./buffer.js";
import type { Activated, Gradients } from "./gradient-rule.js";
import type { OpRules } from "./op-rules.js";

/** What every op has. */
export interface AnyOp {
  readonly kind: string;
}

/** The views an op reads and writes. A view in both is updated in place. */
export interface Operands {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

/** Memory behind a view, as the reference sees it. */
export interface Elements {
  readonly rows: number;
  readonly columns: number;
  get(row: number, column: number): number;
  set(row: number, column: number, value: number): void;
  /** Calls `visit` for every element, row by row. */
  each(visit: (row: number, column: number) => void): void;
}

/** The memory behind a view at this moment: where its cursor has moved it. */
export type Memory = (view: View) => Elements;

/** Whether each key of a record must be there. The compiler refuses a record that is not that of `T`. */
type KeysOf<T> = {
  readonly [K in keyof Required<T>]: undefined extends T[K] ? "optional" : "required";
};

/** The arguments of an op: all but its kind. */
type ArgumentsOf<O> = Omit<O, "kind">;

/** Definitions of functions that ops name: an activation, a loss, an update rule. */
export interface NamedFunction {
  readonly what: "activation" | "loss" | "update rule";
  readonly name: string;
}

/** All that there is to know of an op beside its kernels. */
export interface OpDefinition<O extends AnyOp> {
  /** The kind of the op. */
  readonly name: O["kind"];
  readonly keys: KeysOf<ArgumentsOf<O>>;
  operands(op: O): Operands;
  /** Refuses what breaks a rule of the op. Its views lie within their buffers. */
  check(op: O, rules: OpRules): void;
  /** Inputs that it may overwrite, because it reads each element before it writes the same one. Default: none. */
  inPlace?(op: O): readonly View[];
  /** Keys of the operands that a cursor may move: entries of tables. Default: none. */
  readonly movable?: readonly string[];
  /** The functions that it names. Default: none. */
  functions?(op: O): readonly NamedFunction[];
  /** Operations of one run, by the rules of `device/cost`. */
  flops(op: O): number;
  /** Rows that it reads of an operand, where they are not all. */
  rowsRead?(op: O, view: View): number;
  reference(op: O, memory: Memory): void;
  /** How gradients go through it. Default: not at all. */
  gradient?(op: O, gradients: Gradients): void;
  /** The activation that it ends with, where the gradient of `out` may be taken before it. Default: none. */
  activated?(op: O): Activated | undefined;
  /** The type in which it takes the gradient of `out`. Default: that of `out`. */
  gradientType?(op: O): ElementType;
}

/** The views among some that may be left out. */
export function present(...views: readonly (View | undefined)[]): View[] {
  return views.filter((view) => view !== undefined);
}
