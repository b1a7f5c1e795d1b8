/**
 * Derives the backward pass of a program from its forward pass: reverse mode, op by op, each by the rule in its own file.
 *
 * - Only what lies on a path from what is differentiated by to the scalar gets a gradient.
 * - A view that several ops read gets the sum of their gradients, in the reverse order of those ops.
 * - An activation's derivative is taken along by the op that makes the gradient of its output, where that op can and is the
 *   only one; a loss writes its gradient as it computes its total. So the backward pass of dense layers is the one that one
 *   would write by hand: two products and a sum a layer.
 * - The buffer of a gradient that is used up takes the next that fits in it.
 */
import { describe, type View } from "./buffer.js";
import { ProgramError } from "./check.js";
import { Adjoints, type ValueFacts } from "./differentiate/adjoints.js";
import { GradientBuffers } from "./differentiate/gradient-buffers.js";
import { activationPoint, gradientType, OpGradients, type Tape } from "./differentiate/op-gradients.js";
import { findPaths } from "./differentiate/paths.js";
import { checkDistinct, checkEarly, checkPlaces } from "./differentiate/refusals.js";
import { meets, type Run, runOf, sameRun, type Trace, traceValues, type Value } from "./differentiate/values.js";
import { ops } from "./op.js";
import { type Program, ProgramBuilder } from "./program.js";

/** What to differentiate by: a view, whose gradient goes to a buffer of its own or where `into` says, in f32. */
export type By = View | { readonly view: View; readonly into: View };

/** What a backward pass is derived of, and by. */
export interface DifferentiateOptions {
  /** A scalar, f32 `[1, 1]`, that the program computes: the total of a loss, or a sum of several. */
  readonly of: View;
  /**
   * Parameters, or anything else that the program reads or computes. What no op reads of it is left as it is in `into`. A part
   * of what an op leaves in a view counts as independent of what that op read.
   */
  readonly by: readonly By[];
  /** f32 `[1, 1]`: multiplies all gradients. It must be there before the program begins. */
  readonly scale?: View;
  /** Whether the buffer of a gradient that is used up may hold another. Default: true. */
  readonly reuse?: boolean;
  /** Is called as soon as the gradient of an entry of `by` is there, and what it belongs to is read no more. */
  readonly onGradient?: (index: number) => void;
}

/** Adds the backward pass to what a builder has, and returns the gradients in the order of `by`, all f32. */
export function differentiate(builder: ProgramBuilder, options: DifferentiateOptions): View[];
/** A program that computes the gradients, too. */
export function differentiate(
  program: Program,
  options: DifferentiateOptions,
): { readonly program: Program; readonly gradients: View[] };
/**
 * @throws ProgramError when `of` is no scalar that the program computes, does not depend on an entry of `by`, or does so
 *   through an op without a gradient rule, or when an `into` is not apart from all else: names the op and the shapes
 */
export function differentiate(from: ProgramBuilder | Program, options: DifferentiateOptions) {
  if (from instanceof ProgramBuilder) return addBackward(from, options);
  const builder = ProgramBuilder.from(from);
  const gradients = addBackward(builder, options);
  return { program: builder.build(), gradients };
}

/** An entry of `by`: the values whose gradients are one, and how many ops have still to give theirs. */
interface Asked {
  readonly view: View;
  readonly into: View;
  readonly value: Value;
}

function addBackward(builder: ProgramBuilder, options: DifferentiateOptions): View[] {
  const { of, by, scale, reuse = true, onGradient = () => undefined } = options;
  const where = `${builder.name}, differentiate`;
  const views = by.map((entry) => ("view" in entry ? entry.view : entry));
  checkScalar(where, "of", of);
  if (scale) checkScalar(where, "scale", scale);
  const trace = traceValues(builder.ops, views);
  const asked = by.map((entry, i): Asked => {
    const into = "view" in entry ? entry.into : undefined;
    return { view: views[i], value: askedValue(where, trace, views[i]), into: into ?? ownBuffer(builder, views[i]) };
  });
  const ends = trace.last(of).filter(({ value }) => value.writer !== undefined && sameRun(value.run, runOf(of)));
  if (ends.length !== 1) {
    throw new ProgramError(
      `${where}: no op computes "of", ${describe(of)}: name the total of a loss, or a sum of totals`,
    );
  }
  const [{ value: end }] = ends;
  checkDistinct(where, asked, end);
  checkPlaces(where, asked, trace, scale);
  if (scale) checkEarly(where, scale, trace);
  const values = asked.map(({ value }) => value);
  const paths = findPaths(trace, values, [end]);
  for (const { view, value } of asked) {
    if (!paths.has(value)) {
      throw new ProgramError(
        `${where}: ${describe(of)} does not depend on ${describe(view)}: leave it out of "by", or use it in the forward pass`,
      );
    }
  }
  const buffers = new GradientBuffers(builder, reuse);
  const adjoints = new Adjoints(builder, buffers, (value) => facts.get(value) ?? factsOf(value));
  const isAskedFor = (value: Value): boolean => values.includes(value);
  const tape: Tape = { builder, buffers, adjoints, trace, paths, seed: scale ?? 1, isAskedFor };
  const facts = new Map<Value, ValueFacts>();
  const factsOf = (value: Value): ValueFacts => {
    const into = asked.find((entry) => entry.value === value)?.into;
    const found = { into, overlapping: isOverlapping(trace, value), uses: paths.uses(value), ...ofWriter(tape, value) };
    facts.set(value, found);
    return found;
  };
  adjoints.seed(end, tape.seed);
  walk(tape, asked, onGradient);
  return asked.map(({ into }) => into);
}

/** Goes through the ops from the last to the first. */
function walk(tape: Tape, asked: readonly Asked[], onGradient: (index: number) => void): void {
  const { builder, trace, paths } = tape;
  const readers = asked.map(({ value }) => trace.reads.findIndex((reads, op) => paths.on(op) && readsOf(reads, value)));
  for (let index = trace.reads.length - 1; index >= 0; index--) {
    if (paths.on(index)) {
      const op = builder.ops[index];
      const gradients: OpGradients = new OpGradients(tape, index);
      const { gradient } = ops.get(op.kind);
      if (!gradient) {
        const through = trace.reads[index]
          .filter(({ view }) => gradients.wants(view))
          .map(({ view }) => describe(view));
        gradients.refuse(
          `has no gradient rule, and what is differentiated depends on ${through.join(", ")} through it`,
        );
      }
      gradient(op, gradients);
      gradients.finish();
    }
    for (const [i, reader] of readers.entries()) if (reader === index) onGradient(i);
  }
}

const readsOf = (reads: Trace["reads"][number], value: Value): boolean =>
  reads.some(({ parts }) => parts.some((part) => part.value === value));

/** What the op that wrote a value has to say of its gradient. */
function ofWriter(tape: Tape, value: Value): Pick<ValueFacts, "type" | "activated"> {
  const { writer } = value;
  const type = gradientType(tape, value);
  if (writer === undefined) return { type };
  const op = tape.builder.ops[writer];
  const activated = ops.get(op.kind).activated?.(op);
  if (!activated || activated.activation === "linear" || !sameRun(runOf(activated.output), value.run)) return { type };
  return { type, activated: { activation: activated.activation, at: () => activationPoint(tape, writer) } };
}

/** The value of a view that is differentiated by: what it holds before the program, or what an op leaves in it. */
function askedValue(where: string, trace: Trace, view: View): Value {
  const parts = trace.last(view);
  const whole = parts.length === 1 && sameRun(parts[0].value.run, runOf(view));
  if (whole) return parts[0].value;
  throw new ProgramError(
    `${where}: ops write ${describe(view)} in parts, or it lies on another entry of "by": name views that are apart`,
  );
}

/** Whether two ops read parts of a value that have some elements in common, but not all. */
function isOverlapping(trace: Trace, value: Value): boolean {
  const runs: Run[] = trace.reads
    .flat()
    .flatMap(({ parts }) => parts)
    .filter((part) => part.value === value)
    .map(({ run }) => run);
  return runs.some((a) => runs.some((b) => meets(a, b) && !sameRun(a, b)));
}

function ownBuffer(builder: ProgramBuilder, { buffer, rows, columns }: View): View {
  return builder.buffer(builder.unusedName(`${buffer}.gradient`), "f32", [rows, columns]);
}

function checkScalar(where: string, name: string, view: View): void {
  if (view.rows === 1 && view.columns === 1 && view.type === "f32") return;
  throw new ProgramError(
    `${where}: "${name}" must be a scalar, f32 [1, 1], got ${view.type} ${describe(view)}: sum it first, as a loss does`,
  );
}
