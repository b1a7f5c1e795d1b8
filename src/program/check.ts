/**
 * The rules of the ops, one function an op. Each rule that is broken becomes one sentence:
 * `train step, op 3, gemm: inner sizes must match, got 784 (a, columns) and 785 (b, rows)`.
 */
import { DawnpourError, unknownWord } from "../error.js";
import { type BufferDeclaration, describe, type ElementType, elements, FLOATS, type View } from "./buffer.js";
import { ACTIVATIONS, type Activation, LOSSES, type Op, operands, STATE_SLOTS, UPDATE_SCALARS } from "./op.js";

/** A program breaks a rule of the op it names. */
export class ProgramError extends DawnpourError {
  override name = "ProgramError";
}

type Buffers = ReadonlyMap<string, BufferDeclaration>;
type Rule = (holds: boolean, sentence: string) => void;
/** Operands by name; those that an op leaves out are undefined. */
type Views = Readonly<Record<string, View | undefined>>;

/** Throws a `ProgramError` that starts with `where` unless `op` keeps every rule. */
export function checkOp(where: string, op: Op, buffers: Buffers): void {
  const rule: Rule = (holds, sentence) => {
    if (!holds) {
      throw new ProgramError(`${where}, ${op.kind}: ${sentence}`);
    }
  };
  const { reads, writes } = operands(op);
  for (const view of [...reads, ...writes]) {
    checkView(rule, view, buffers);
  }
  checkCursors(rule, op, buffers);
  checkShapes(rule, op);
  checkOverlap(rule, op);
}

function checkView(rule: Rule, view: View, buffers: Buffers): void {
  const buffer = buffers.get(view.buffer);
  if (buffer === undefined) {
    rule(false, `buffer "${view.buffer}" is not declared; declare it with builder.buffer(...)`);
    return;
  }
  rule(buffer.type === view.type, `${describe(view)} is viewed as ${view.type}, but the buffer holds ${buffer.type}`);
  for (const [name, value, least] of [
    ["offset", view.offset, 0],
    ["rows", view.rows, 1],
    ["columns", view.columns, 1],
  ] as const) {
    rule(
      Number.isSafeInteger(value) && value >= least,
      `${name} of ${describe(view)} must be a whole number from ${least}, got ${value}`,
    );
  }
  const end = view.offset + elements(view);
  rule(
    end <= buffer.length,
    `${describe(view)} must end within its buffer of ${buffer.length} elements, ends at ${end}`,
  );
}

/** The operands that may be moved by a cursor are entries of tables: batch rows, update scalars, losses. */
function checkCursors(rule: Rule, op: Op, buffers: Buffers): void {
  const movable = new Set<View>();
  if (op.kind === "gather") movable.add(op.rows);
  if (op.kind === "loss") movable.add(op.total);
  if (op.kind === "update") movable.add(op.scalars);
  if (op.kind === "guard") movable.add(op.loss);
  const { reads, writes } = operands(op);
  for (const view of [...reads, ...writes]) {
    if (view.cursor === undefined) continue;
    rule(
      movable.has(view),
      `${describe(view)} may not be moved by a cursor; only gather.rows, loss.total, update.scalars, guard.loss`,
    );
    const cursor = buffers.get(view.cursor);
    rule(cursor?.type === "u32" && cursor.length === 1, `cursor "${view.cursor}" must be a u32 buffer of one element`);
    const length = buffers.get(view.buffer)?.length ?? 0;
    rule(
      (length - view.offset) % elements(view) === 0,
      `table "${view.buffer}" must hold whole entries of ${elements(view)}`,
    );
  }
}

/** `f32, f16 or bf16` */
function oneOf(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ");
}

function checkShapes(rule: Rule, op: Op): void {
  const type = (name: string, view: View, ...allowed: ElementType[]): void =>
    rule(allowed.includes(view.type), `${name} must be ${oneOf(allowed)}, got ${view.type}`);
  const shape = (name: string, view: View, rows: number, columns: number): void =>
    rule(
      view.rows === rows && view.columns === columns,
      `${name} must be [${rows}, ${columns}], got [${view.rows}, ${view.columns}]`,
    );
  const typed = (views: Views, ...allowed: ElementType[]): void => {
    for (const [name, view] of Object.entries(views)) {
      if (view) type(name, view, ...allowed);
    }
  };
  const f32 = (views: Views): void => typed(views, "f32");
  const float = (views: Views): void => typed(views, ...FLOATS);
  const shaped = (model: View, views: Views): void => {
    for (const [name, view] of Object.entries(views)) {
      if (view) shape(name, view, model.rows, model.columns);
    }
  };
  const like = (model: View, views: Views): void => {
    f32(views);
    shaped(model, views);
  };
  const floatsLike = (model: View, views: Views): void => {
    float(views);
    shaped(model, views);
  };
  const finite = (name: string, value: number): void =>
    rule(Number.isFinite(Math.fround(value)), `${name} must be a finite float32 number, got ${value}`);
  const known = (what: string, word: string, words: readonly string[]): void => {
    if (!words.includes(word)) rule(false, unknownWord(what, word, words).message);
  };
  const activation = (word: Activation): void => known("activation", word, ACTIVATIONS);

  switch (op.kind) {
    case "gather":
      type("source", op.source, "u8", "f32");
      type("rows", op.rows, "u32");
      float({ out: op.out });
      finite("scale", op.scale);
      shape("out", op.out, op.rows.columns, op.source.columns);
      shape("rows", op.rows, 1, op.out.rows);
      break;
    case "gemm": {
      const [m, ka] = op.transposeA ? [op.a.columns, op.a.rows] : [op.a.rows, op.a.columns];
      const [kb, n] = op.transposeB ? [op.b.columns, op.b.rows] : [op.b.rows, op.b.columns];
      float({ a: op.a });
      type("b", op.b, op.a.type);
      rule(
        ka === kb,
        `inner sizes must match, got ${ka} (a${op.transposeA ? " transposed" : ""}) and ${kb} (b${op.transposeB ? " transposed" : ""})`,
      );
      f32({ bias: op.bias });
      if (op.accumulate) f32({ "out, which accumulates,": op.out });
      float({ out: op.out });
      shape("out", op.out, m, n);
      if (op.bias) shape("bias", op.bias, 1, n);
      const beside = { preActivation: op.preActivation, "derivative.at": op.derivative?.at };
      typed(beside, op.out.type);
      shaped(op.out, beside);
      if (op.derivative) activation(op.derivative.activation);
      activation(op.activation);
      break;
    }
    case "activate":
      activation(op.activation);
      like(op.input, { input: op.input, out: op.out });
      break;
    case "activationGradient":
      activation(op.activation);
      floatsLike(op.gradient, { gradient: op.gradient, at: op.at, out: op.out });
      break;
    case "loss":
      known("loss", op.loss, LOSSES);
      finite("scale", op.scale);
      floatsLike(op.input, { input: op.input, target: op.target, gradient: op.gradient });
      f32({ total: op.total, gradientScale: op.gradientScale });
      shape("total", op.total, 1, 1);
      if (op.gradientScale) shape("gradientScale", op.gradientScale, 1, 1);
      break;
    case "sumRows":
      float({ input: op.input });
      f32({ out: op.out });
      shape("out", op.out, 1, op.input.columns);
      break;
    case "update": {
      known("update rule", op.rule.name, Object.keys(STATE_SLOTS));
      const slots = STATE_SLOTS[op.rule.name];
      rule(
        op.state.length === slots.length,
        `${op.rule.name} needs ${slots.length} state views, got ${op.state.length}`,
      );
      like(op.parameters, { parameters: op.parameters, gradients: op.gradients });
      op.state.forEach((view, i) => {
        like(op.parameters, { [`state ${slots[i]}`]: view });
      });
      f32({ scalars: op.scalars, gradientScale: op.gradientScale, gate: op.gate });
      shape("scalars", op.scalars, 1, UPDATE_SCALARS);
      for (const [name, value] of Object.entries(op.rule)) {
        if (typeof value === "number") finite(name, value);
      }
      if (op.gradientScale) shape("gradientScale", op.gradientScale, 1, 1);
      if (op.gate) shape("gate", op.gate, 1, 1);
      break;
    }
    case "scale":
      finite("factor", op.factor);
      like(op.input, { input: op.input, out: op.out });
      break;
    case "add":
      finite("factor", op.factor);
      like(op.a, { a: op.a, b: op.b, out: op.out });
      break;
    case "copy":
      floatsLike(op.input, { input: op.input, out: op.out });
      break;
    case "fill":
      finite("value", op.value);
      f32({ out: op.out });
      break;
    case "norm":
      f32({ input: op.input, out: op.out });
      shape("out", op.out, 1, 1);
      break;
    case "clipFactor":
      finite("maximum", op.maximum);
      rule(op.maximum > 0, `maximum must be above 0, got ${op.maximum}`);
      f32({ norm: op.norm, out: op.out });
      shape("norm", op.norm, 1, 1);
      shape("out", op.out, 1, 1);
      break;
    case "lossScale":
      f32({ norm: op.norm, state: op.state, out: op.out });
      shape("norm", op.norm, 1, 1);
      shape("state", op.state, 1, 2);
      shape("out", op.out, 1, 1);
      rule(
        Number.isSafeInteger(op.interval) && op.interval >= 1,
        `interval must be a whole number from 1, got ${op.interval}`,
      );
      if (op.maximum !== undefined) {
        finite("maximum", op.maximum);
        rule(op.maximum > 0, `maximum must be above 0, got ${op.maximum}`);
      }
      break;
    case "guard":
      f32({ norm: op.norm, loss: op.loss, state: op.state, out: op.out });
      shape("norm", op.norm, 1, 1);
      shape("loss", op.loss, 1, 1);
      shape("state", op.state, 1, 2);
      shape("out", op.out, 1, 1);
      break;
    case "advance":
      type("cursor", op.cursor, "u32");
      shape("cursor", op.cursor, 1, 1);
  }
}

/** Inputs that an op may overwrite because it reads each element before it writes the same one. */
function inPlace(op: Op): readonly View[] {
  switch (op.kind) {
    case "activate":
    case "scale":
    case "loss":
      return [op.input];
    case "activationGradient":
      return [op.gradient];
    case "add":
      return [op.a, op.b];
    case "update":
      return [op.parameters, ...op.state];
    case "lossScale":
    case "guard":
      return [op.state];
    case "advance":
      return [op.cursor];
    default:
      return [];
  }
}

function checkOverlap(rule: Rule, op: Op): void {
  // What an accumulating op reads of its output is no input of its own: no other operand may be that view.
  const { reads, writes } = operands("accumulate" in op ? { ...op, accumulate: false } : op);
  const allowed = inPlace(op);
  for (const [i, write] of writes.entries()) {
    for (const read of reads) {
      const same = sameView(read, write) && allowed.some((view) => sameView(view, read));
      rule(same || !overlaps(read, write), `output ${describe(write)} must not overlap input ${describe(read)}`);
    }
    for (const other of writes.slice(i + 1)) {
      rule(!overlaps(write, other), `outputs ${describe(write)} and ${describe(other)} must not overlap`);
    }
  }
}

function sameView(a: View, b: View): boolean {
  return (
    a.buffer === b.buffer &&
    a.offset === b.offset &&
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.cursor === b.cursor
  );
}

/** A view moved by a cursor can be anywhere in its buffer from `offset` on. */
function overlaps(a: View, b: View): boolean {
  const end = (view: View): number =>
    view.cursor === undefined ? view.offset + elements(view) : Number.POSITIVE_INFINITY;
  return a.buffer === b.buffer && a.offset < end(b) && b.offset < end(a);
}
