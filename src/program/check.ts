/**
 * Checks an op against the rules of all ops and against its own rules. A broken rule becomes one sentence:
 * `train step, op 3, gemm: inner sizes must match, got 784 (a, columns) and 785 (b, rows)`.
 */
import { DawnpourError, UsageError } from "../error.js";
import { activations } from "./activation.js";
import { type BufferDeclaration, describe, elements, type View } from "./buffer.js";
import { losses } from "./loss.js";
import { type Op, ops } from "./op.js";
import type { AnyOp, NamedFunction, OpDefinition } from "./op-definition.js";
import { OpRules } from "./op-rules.js";
import { updateRules } from "./rule.js";

/** An op of a program breaks a rule. The message names the op. */
export class ProgramError extends DawnpourError {
  override name = "ProgramError";
}

type Buffers = ReadonlyMap<string, BufferDeclaration>;

/** The names that each kind of function may have. */
const FUNCTIONS: Readonly<Record<NamedFunction["what"], { names(): string[] }>> = {
  activation: activations,
  loss: losses,
  "update rule": updateRules,
};

const VIEW_KEYS = {
  buffer: "required",
  type: "required",
  offset: "required",
  rows: "required",
  columns: "required",
  cursor: "optional",
} as const;

/** Throws a `ProgramError` that starts with `where` unless `op` keeps every rule. */
export function checkOp(where: string, op: Op, buffers: Buffers): void {
  const rules = new OpRules((sentence) => {
    throw new ProgramError(`${where}, ${op.kind}: ${sentence}`);
  });
  const definition = definitionOf(where, op);
  const { kind: _, ...given } = op;
  rules.keys("", given, definition.keys);
  for (const { what, name } of definition.functions?.(op) ?? []) rules.known(what, name, FUNCTIONS[what].names());
  const { reads, writes } = definition.operands(op);
  for (const view of [...reads, ...writes]) checkView(rules, view, buffers);
  checkCursors(rules, op, definition, buffers);
  definition.check(op, rules);
  checkOverlap(rules, op, definition);
}

function definitionOf(where: string, op: Op): OpDefinition<AnyOp> {
  try {
    return ops.get(op.kind);
  } catch (error) {
    throw error instanceof UsageError ? new ProgramError(`${where}: ${error.message}`) : error;
  }
}

function checkView(rules: OpRules, view: View, buffers: Buffers): void {
  rules.rule(typeof view === "object" && view !== null, `an operand must be a view, as builder.buffer(...) returns it`);
  rules.keys("a view", view, VIEW_KEYS);
  const buffer = buffers.get(view.buffer);
  if (buffer === undefined) {
    rules.rule(false, `buffer "${view.buffer}" is not declared; declare it with builder.buffer(...)`);
    return;
  }
  rules.rule(
    buffer.type === view.type,
    `${describe(view)} is viewed as ${view.type}, but the buffer holds ${buffer.type}`,
  );
  rules.wholeFrom(`offset of ${describe(view)}`, view.offset, 0);
  rules.wholeFrom(`rows of ${describe(view)}`, view.rows, 1);
  rules.wholeFrom(`columns of ${describe(view)}`, view.columns, 1);
  const end = view.offset + elements(view);
  rules.rule(
    end <= buffer.length,
    `${describe(view)} must end within its buffer of ${buffer.length} elements, ends at ${end}`,
  );
}

/** Checks the cursors of an op. Only operands that are entries of tables (batch rows, update scalars, losses) may have one. */
function checkCursors(rules: OpRules, op: Op, definition: OpDefinition<AnyOp>, buffers: Buffers): void {
  const movable = Object.entries(op).flatMap(([key, operand]) => (definition.movable?.includes(key) ? [operand] : []));
  const { reads, writes } = definition.operands(op);
  for (const view of [...reads, ...writes]) {
    if (view.cursor === undefined) continue;
    rules.rule(
      movable.includes(view),
      `${describe(view)} may not be moved by a cursor; only ${allMovable().join(", ")}`,
    );
    const cursor = buffers.get(view.cursor);
    rules.rule(
      cursor?.type === "u32" && cursor.length === 1,
      `cursor "${view.cursor}" must be a u32 buffer of one element`,
    );
    const length = buffers.get(view.buffer)?.length ?? 0;
    rules.rule(
      (length - view.offset) % elements(view) === 0,
      `table "${view.buffer}" must hold whole entries of ${elements(view)}`,
    );
  }
}

/** The operands that a cursor may move, as `gather.rows`, `loss.total` and so on. */
function allMovable(): string[] {
  return ops.all().flatMap(({ name, movable = [] }) => movable.map((key) => `${name}.${key}`));
}

function checkOverlap(rules: OpRules, op: Op, { operands, inPlace }: OpDefinition<AnyOp>): void {
  // An accumulating op reads its output too. That read is left out here, so no other operand may be the output's view.
  const { reads, writes } = operands(withoutSums(op));
  const allowed = inPlace?.(op) ?? [];
  for (const [i, write] of writes.entries()) {
    for (const read of reads) {
      const same = sameView(read, write) && allowed.some((view) => sameView(view, read));
      rules.rule(same || !overlaps(read, write), `output ${describe(write)} must not overlap input ${describe(read)}`);
    }
    for (const other of writes.slice(i + 1)) {
      rules.rule(!overlaps(write, other), `outputs ${describe(write)} and ${describe(other)} must not overlap`);
    }
  }
}

function withoutSums(op: Op): Op {
  return "accumulate" in op ? { ...op, accumulate: false } : op;
}

/** Whether two views are the same elements in the same shape and type. */
export function sameView(a: View, b: View): boolean {
  return (
    a.buffer === b.buffer &&
    a.offset === b.offset &&
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.cursor === b.cursor
  );
}

/** Whether two views have an element in common. A view with a cursor counts as all of its buffer from `offset` on. */
export function overlaps(a: View, b: View): boolean {
  const end = (view: View): number =>
    view.cursor === undefined ? view.offset + elements(view) : Number.POSITIVE_INFINITY;
  return a.buffer === b.buffer && a.offset < end(b) && b.offset < end(a);
}
