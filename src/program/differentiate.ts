/**
 * Derives the backward pass of a program from its forward pass: reverse mode, op by op, each op by the rule in its own file.
 *
 * - A value gets a gradient only if it depends on an entry of `by`, and the scalar `of` depends on it.
 * - A view that several ops read gets the sum of their gradients, in the reverse order of those ops.
 * - Where one op alone makes the gradient of an activation's output, that op multiplies by the activation's derivative at once, if
 *   it can. A loss writes its gradient while it computes its total. So the backward pass of dense layers is as short as one
 *   written by hand: two products and a sum for each layer.
 * - After the last use of a gradient its buffer is used again for the next gradient that fits.
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

/** A view to differentiate by. Its gradient is f32, in a buffer of its own or in `into`. */
export type By = View | { readonly view: View; readonly into: View };

/** Which scalar is differentiated, and by which views. */
export interface DifferentiateOptions {
  /** The scalar to differentiate, f32 `[1, 1]`. The program computes it: the total of a loss, or a sum of totals. */
  readonly of: View;
  /**
   * The views to differentiate by: parameters, or anything else that the program reads or computes. Elements that no op reads keep
   * in `into` the values that were there. A part of an op's output counts as independent of that op's inputs.
   */
  readonly by: readonly By[];
  /** A factor on all gradients, f32 `[1, 1]`. It must be known before the program begins: no op may write it. */
  readonly scale?: View;
  /** Whether a buffer may be used again for another gradient, after the last use of the first. Default: true. */
  readonly reuse?: boolean;
  /** Called with the index of an entry of `by` when the ops so far compute its gradient, and no later op reads the entry. */
  readonly onGradient?: (index: number) => void;
}

/**
 * Adds the backward pass to a builder's program. Returns the gradients in the order of `by`, all f32.
 * @example
 * ```ts
 * import { differentiate, openDevice, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("squared error");
 * const x = builder.buffer("x", "f32", [1, 2]);
 * const target = builder.buffer("target", "f32", [1, 2]);
 * const total = builder.buffer("total", "f32", [1]);
 * builder.loss({ loss: "mse", input: x, target, scale: 1, total });
 * const [gradient] = differentiate(builder, { of: total, by: [x] });
 *
 * await using device = await openDevice({ device: "cpu" });
 * const program = await device.compile(builder.build());
 * program.buffer("x").write(Float32Array.of(1, 5));
 * program.run();
 * console.log((await program.buffer(gradient.buffer).read()).join(" ")); // 2 10
 * ```
 */
export function differentiate(builder: ProgramBuilder, options: DifferentiateOptions): View[];
/** Returns a program that also computes the gradients. */
export function differentiate(
  program: Program,
  options: DifferentiateOptions,
): { readonly program: Program; readonly gradients: View[] };
/**
 * @throws ProgramError, which names the op and the shapes, when `of` is no scalar that the program computes, when it does not
 *   depend on an entry of `by`, when it depends on one through an op without a gradient rule, or when an `into` overlaps a view
 *   that is in use
 */
export function differentiate(from: ProgramBuilder | Program, options: DifferentiateOptions) {
  if (from instanceof ProgramBuilder) return addBackward(from, options);
  const builder = ProgramBuilder.from(from);
  const gradients = addBackward(builder, options);
  return { program: builder.build(), gradients };
}

/** An entry of `by`: its view, the view for its gradient, and its value. */
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

/** Calls the gradient rule of each op on the paths, from the last op to the first. */
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
          `has no gradient rule, but "of" depends on ${through.join(", ")} through it: use an op that has one`,
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

/** The facts about a value's gradient that follow from the op that wrote the value. */
function ofWriter(tape: Tape, value: Value): Pick<ValueFacts, "type" | "activated"> {
  const { writer } = value;
  const type = gradientType(tape, value);
  if (writer === undefined) return { type };
  const op = tape.builder.ops[writer];
  const activated = ops.get(op.kind).activated?.(op);
  if (!activated || activated.activation === "linear" || !sameRun(runOf(activated.output), value.run)) return { type };
  return { type, activated: { activation: activated.activation, at: () => activationPoint(tape, writer) } };
}

/** The value of a view in `by`: the elements before the program, or those that an op wrote. */
function askedValue(where: string, trace: Trace, view: View): Value {
  const parts = trace.last(view);
  const whole = parts.length === 1 && sameRun(parts[0].value.run, runOf(view));
  if (whole) return parts[0].value;
  throw new ProgramError(
    `${where}: ops write ${describe(view)} in parts, or it overlaps another entry of "by": name views that do not overlap`,
  );
}

/** Whether there are two reads of parts of a value that share some elements, but not all. */
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
