/**
 * Finds which op reads what another op wrote. A value is what one op writes to a view, or what a view holds before the first op.
 * Ops may overwrite buffers, so one view can have many values, one after the other.
 */
import { elements, type View } from "../buffer.js";
import { type Op, operands } from "../op.js";

/** A range of elements of a buffer. Its end is Infinity where a cursor moves it. */
export interface Run {
  readonly buffer: string;
  readonly start: number;
  readonly end: number;
}

export interface Value {
  readonly view: View;
  readonly run: Run;
  /** Index of the op that wrote it; undefined where it is from before the first op. */
  readonly writer: number | undefined;
}

/** A read of a value, or of a part of one. */
export interface Read {
  readonly value: Value;
  readonly run: Run;
}

/** The elements that a view names. */
export function runOf(view: View): Run {
  const end = view.cursor === undefined ? view.offset + elements(view) : Number.POSITIVE_INFINITY;
  return { buffer: view.buffer, start: view.offset, end };
}

export const sameRun = (a: Run, b: Run): boolean => a.buffer === b.buffer && a.start === b.start && a.end === b.end;

export const meets = (a: Run, b: Run): boolean => a.buffer === b.buffer && a.start < b.end && b.start < a.end;

/** What a walk through the ops of a program finds. */
export interface Trace {
  /** For each op: the views that it reads, in the order of its operands, each with the values in it. */
  readonly reads: readonly (readonly { readonly view: View; readonly parts: readonly Read[] }[])[];
  /** For each op: the values that it writes. */
  readonly writes: readonly (readonly Value[])[];
  /** The values in a view after all ops, part by part. */
  last(view: View): readonly Read[];
}

/** @param known views that count as values of their own, before the first op and as a part of what an op writes */
export function traceValues(all: readonly Op[], known: readonly View[]): Trace {
  const values = new Map<string, Value[]>();
  const keep = (value: Value): Value => {
    values.set(value.run.buffer, [value, ...(values.get(value.run.buffer) ?? [])]);
    return value;
  };
  for (const view of known) keep({ view, run: runOf(view), writer: undefined });
  const keepAll = (written: Value): Value => {
    keep(written);
    for (const view of known) {
      const run = runOf(view);
      const inside = run.buffer === written.run.buffer && run.start >= written.run.start && run.end <= written.run.end;
      if (inside && !sameRun(run, written.run)) keep({ view, run, writer: undefined });
    }
    return written;
  };
  const partsOf = (view: View): Read[] => partsIn(values.get(view.buffer) ?? [], runOf(view));
  const steps = all.map((op, writer) => {
    const { reads, writes } = operands(op);
    const found = reads.map((view) => ({ view, parts: partsOf(view) }));
    return { reads: found, writes: writes.map((view) => keepAll({ view, run: runOf(view), writer })) };
  });
  return { reads: steps.map(({ reads }) => reads), writes: steps.map(({ writes }) => writes), last: partsOf };
}

/** The values in a range; where several overlap, the newest. */
function partsIn(newestFirst: readonly Value[], run: Run): Read[] {
  const parts: Read[] = [];
  let open = [run];
  for (const value of newestFirst) {
    for (const part of open) {
      if (!meets(part, value.run)) continue;
      const start = Math.max(part.start, value.run.start);
      parts.push({ value, run: { ...part, start, end: Math.min(part.end, value.run.end) } });
    }
    open = open.flatMap((part) => without(part, value.run));
  }
  return parts;
}

/** The elements of `run` that are not in `taken`. */
function without(run: Run, taken: Run): Run[] {
  if (!meets(run, taken)) return [run];
  const rest = [
    { ...run, end: taken.start },
    { ...run, start: taken.end },
  ];
  return rest.filter(({ start, end }) => start < end);
}
