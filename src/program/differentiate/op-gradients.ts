/** What the gradient rule of one op works with: the gradients of the op's outputs and inputs. */
import { derivativeFrom } from "../activation.js";
import { type ElementType, FLOATS, type View } from "../buffer.js";
import { ProgramError } from "../check.js";
import type { Abilities, Gradients, Target } from "../gradient-rule.js";
import { type Op, ops } from "../op.js";
import type { ProgramBuilder } from "../program.js";
import type { Adjoint, Adjoints } from "./adjoints.js";
import type { GradientBuffers } from "./gradient-buffers.js";
import type { Paths } from "./paths.js";
import { meets, type Read, runOf, sameRun, type Trace, type Value } from "./values.js";

/** What the rules of all ops share in one differentiation. */
export interface Tape {
  readonly builder: ProgramBuilder;
  readonly buffers: GradientBuffers;
  readonly adjoints: Adjoints;
  readonly trace: Trace;
  readonly paths: Paths;
  /** The gradient of the scalar itself: `scale`, or 1. It is known before the program begins. */
  readonly seed: View | number;
  isAskedFor(value: Value): boolean;
}

export class OpGradients implements Gradients {
  readonly builder: ProgramBuilder;
  readonly #tape: Tape;
  readonly #index: number;
  readonly #temporaries: View[] = [];

  constructor(tape: Tape, index: number) {
    this.builder = tape.builder;
    this.#tape = tape;
    this.#index = index;
  }

  of(output: View, type?: ElementType): View {
    const value = this.#written(output);
    const { held } = this.#adjointOf(value);
    const view = typeof held === "number" ? this.#tape.adjoints.filled(held, value.view) : held;
    if (view !== held) this.#tape.adjoints.replace(value, view, false);
    return type === undefined || view.type === type ? view : this.#converted(view, type);
  }

  beforeActivation(output: View, type?: ElementType): View {
    const value = this.#written(output);
    const { beforeActivation } = this.#adjointOf(value);
    const activated = ops.get(this.#op.kind).activated?.(this.#op);
    if (!activated || activated.activation === "linear" || beforeActivation) return this.of(output, type);
    const gradient = this.of(output);
    const { activation } = activated;
    const at = activationPoint(this.#tape, this.#index);
    const { adjoints, buffers } = this.#tape;
    const mayOverwrite =
      (type ?? gradient.type) === gradient.type && buffers.isOnly(gradient) && !this.#tape.isAskedFor(value);
    const out = mayOverwrite ? gradient : this.temporary(gradient, type ?? gradient.type);
    this.builder.activationGradient({ activation, at, gradient, out });
    if (mayOverwrite) adjoints.replace(value, out, true);
    return out;
  }

  factor(output: View): { readonly by: View | number; readonly isEarly: boolean } {
    const { held } = this.#adjointOf(this.#written(output));
    return { by: held, isEarly: held === 1 || held === this.#tape.seed };
  }

  has(output: View): boolean {
    return this.#tape.adjoints.get(this.#written(output)) !== undefined;
  }

  wants(input: View): boolean {
    return this.#partsOf(input).length > 0;
  }

  give(input: View, abilities: Abilities, add: (target: Target) => void): void {
    const parts = this.#partsOf(input);
    if (parts.length === 1 && sameRun(parts[0].run, runOf(input))) {
      this.#tape.adjoints.give(parts[0], input, abilities, add);
    } else if (parts.length > 0) {
      const all = this.temporary(input, "f32");
      add({ out: all, accumulate: false });
      this.#passParts(parts, input, all);
    }
  }

  pass(input: View, gradient: View | number): void {
    const parts = this.#partsOf(input);
    if (parts.length === 1 && sameRun(parts[0].run, runOf(input))) {
      this.#tape.adjoints.pass(parts[0], input, gradient);
    } else if (parts.length > 0) {
      const all = typeof gradient === "number" ? this.#tape.adjoints.filled(gradient, input) : gradient;
      if (all !== gradient) this.#temporaries.push(all);
      this.#passParts(parts, input, all);
    }
  }

  kept(operand: View, as: "input" | "output" = "input"): View {
    return keptFrom(this.#tape, this.#index, operand, as === "input" ? this.#index : this.#index + 1);
  }

  temporary(like: View, type: ElementType): View {
    const view = this.#tape.buffers.take(`${like.buffer}.gradient`, type, like);
    this.#temporaries.push(view);
    return view;
  }

  early(like: View): View {
    const types = this.#partsOf(like).map(({ value }) => gradientType(this.#tape, value));
    const view = this.#tape.buffers.fresh(`${like.buffer}.gradient`, types[0] ?? like.type, like);
    this.#temporaries.push(view);
    return view;
  }

  amend(changes: Readonly<Record<string, unknown>>): void {
    this.builder.amend(this.#index, changes);
  }

  refuse(sentence: string): never {
    throw refusal(this.#tape, this.#index, sentence);
  }

  /** Called when the rule has given all its gradients. Frees the buffers that only this op needed. */
  finish(): void {
    for (const view of this.#temporaries) this.#tape.buffers.release(view);
    for (const value of this.#tape.trace.writes[this.#index]) {
      if (!this.#tape.isAskedFor(value)) this.#tape.adjoints.release(value);
    }
  }

  get #op(): Op {
    return this.builder.ops[this.#index];
  }

  #written(output: View): Value {
    const value = this.#tape.trace.writes[this.#index].find(({ run }) => sameRun(run, runOf(output)));
    return value ?? { view: output, run: runOf(output), writer: this.#index };
  }

  #adjointOf(value: Value): Adjoint {
    const adjoint = this.#tape.adjoints.get(value);
    if (!adjoint)
      this.refuse(`its rule needs the gradient of ${value.view.buffer}, but "of" depends only on its other output`);
    return adjoint;
  }

  /** The parts of an input that need a gradient. */
  #partsOf(input: View): readonly Read[] {
    const read = this.#tape.trace.reads[this.#index].find(({ view }) => sameRun(runOf(view), runOf(input)));
    return (FLOATS as readonly string[]).includes(input.type)
      ? (read?.parts.filter(({ value }) => this.#tape.paths.has(value)) ?? [])
      : [];
  }

  #passParts(parts: readonly Read[], input: View, all: View): void {
    for (const part of parts) {
      const [start, columns] = [part.run.start - input.offset, part.run.end - part.run.start];
      const flat = { ...all, rows: 1, columns };
      this.#tape.adjoints.pass(
        part,
        { ...part.value.view, offset: part.run.start, rows: 1, columns },
        {
          ...flat,
          offset: all.offset + start,
        },
      );
    }
  }

  #converted(view: View, type: ElementType): View {
    const out = this.temporary(view, type);
    this.builder.copy({ input: view, out });
    return out;
  }
}

/** The type in which the op that wrote a value takes its gradient. */
export function gradientType({ builder }: Tape, { writer, view }: Value): ElementType {
  if (writer === undefined) return view.type;
  const op = builder.ops[writer];
  return ops.get(op.kind).gradientType?.(op) ?? view.type;
}

/** The view at which the derivative of an op's activation is taken. Changes the op to keep the activation's input, if that is it. */
export function activationPoint(tape: Tape, index: number): View {
  const op = tape.builder.ops[index];
  const activated = ops.get(op.kind).activated?.(op);
  if (!activated) throw new Error(`Invariant violation: op ${index} has no activation`);
  const { activation, input, output, keepAs } = activated;
  if (derivativeFrom(activation) === "output") return keptFrom(tape, index, output, index + 1);
  if (input || keepAs === undefined) return keptFrom(tape, index, input ?? output, index);
  const kept = tape.buffers.fresh(`${output.buffer}.preActivation`, output.type, output);
  tape.builder.amend(index, { [keepAs]: kept });
  return kept;
}

/** @throws ProgramError when an op from `first` on overwrites an operand that the gradient of an op needs */
function keptFrom(tape: Tape, index: number, operand: View, first: number): View {
  const by = tape.trace.writes.findIndex(
    (values, i) => i >= first && values.some(({ run }) => meets(run, runOf(operand))),
  );
  if (by < 0) return operand;
  const writer = by === index ? "it" : `op ${by}, ${tape.builder.ops[by].kind},`;
  throw refusal(
    tape,
    index,
    `its gradient needs ${operand.buffer}, which ${writer} overwrites: give ${writer === "it" ? "it" : `op ${by}`} another output`,
  );
}

function refusal({ builder }: Tape, index: number, sentence: string): ProgramError {
  return new ProgramError(`${builder.name}, op ${index}, ${builder.ops[index].kind}: ${sentence}`);
}
