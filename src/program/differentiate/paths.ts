/** Finds the values on a path from an entry of `by` to the scalar `of`. Only these need a gradient. */
import { FLOATS, type View } from "../buffer.js";
import type { Trace, Value } from "./values.js";

export interface Paths {
  /** Whether an op passes gradients on. */
  on(op: number): boolean;
  /** Whether a value needs a gradient. */
  has(value: Value): boolean;
  /** Number of gradients of a value, which are added up. */
  uses(value: Value): number;
}

const isFloat = ({ type }: View): boolean => (FLOATS as readonly string[]).includes(type);

/** @param ends the values of the scalar `of` */
export function findPaths(trace: Trace, by: readonly Value[], ends: readonly Value[]): Paths {
  const dependent = new Set<Value>(by);
  const inputs = trace.reads.map((reads) => reads.filter(({ view }) => isFloat(view)));
  for (const [op, reads] of inputs.entries()) {
    const depends = reads.some(({ parts }) => parts.some(({ value }) => dependent.has(value)));
    if (depends) for (const value of trace.writes[op]) dependent.add(value);
  }
  const reached = new Set(ends.filter((value) => dependent.has(value)));
  const ops = new Set<number>();
  const uses = new Map<Value, number>();
  for (let op = inputs.length - 1; op >= 0; op--) {
    if (!trace.writes[op].some((value) => reached.has(value))) continue;
    ops.add(op);
    for (const { value } of inputs[op].flatMap(({ parts }) => parts)) {
      if (!dependent.has(value)) continue;
      reached.add(value);
      uses.set(value, (uses.get(value) ?? 0) + 1);
    }
  }
  return { on: (op) => ops.has(op), has: (value) => reached.has(value), uses: (value) => uses.get(value) ?? 0 };
}
