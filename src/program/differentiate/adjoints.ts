/**
 * The adjoint of each value: the sum of the gradients that ops have given so far, added in the order of the walk through the ops.
 * The first gradient of a value is written directly to its place. Further ones are added to it.
 */
import { type ElementType, slice, type View } from "../buffer.js";
import type { Abilities, Activated, Target } from "../gradient-rule.js";
import type { ProgramBuilder } from "../program.js";
import type { GradientBuffers } from "./gradient-buffers.js";
import { meets, type Read, type Run, sameRun, type Value } from "./values.js";

/** The gradient of a value so far. */
export interface Adjoint {
  /** A view of the value's shape; or a number, which all elements then are. */
  readonly held: View | number;
  /** Whether it is already multiplied by the derivative of the activation that made the value. */
  readonly beforeActivation: boolean;
  /** The parts of it that have been written. */
  readonly written: readonly Run[];
}

/** What this class has to know of a value. */
export interface ValueFacts {
  /** The view that its gradient goes to, where the caller asks for it. */
  readonly into: View | undefined;
  /** Whether it is read in parts that overlap. Their gradients are added to zeros. */
  readonly overlapping: boolean;
  /** Number of gradients that are added up. */
  readonly uses: number;
  /** The type in which the op that wrote it takes its gradient. */
  readonly type: ElementType;
  /** The activation with which the op that wrote it ends, and the view at which its derivative is taken. */
  readonly activated?: { readonly activation: Activated["activation"]; readonly at: () => View };
}

export class Adjoints {
  readonly #builder: ProgramBuilder;
  readonly #buffers: GradientBuffers;
  readonly #facts: (value: Value) => ValueFacts;
  readonly #adjoints = new Map<Value, Adjoint>();

  constructor(builder: ProgramBuilder, buffers: GradientBuffers, facts: (value: Value) => ValueFacts) {
    this.#builder = builder;
    this.#buffers = buffers;
    this.#facts = facts;
  }

  get(value: Value): Adjoint | undefined {
    return this.#adjoints.get(value);
  }

  /** Sets the gradient of a value to one that is known at the start. */
  seed(value: Value, held: View | number): void {
    this.#adjoints.set(value, { held, beforeActivation: false, written: [value.run] });
  }

  /** Replaces the gradient of a value. */
  replace(value: Value, held: View, beforeActivation: boolean): void {
    this.#adjoints.set(value, { held, beforeActivation, written: [value.run] });
  }

  /** Frees the buffer of a value's gradient after its last use. */
  release(value: Value): void {
    const held = this.#adjoints.get(value)?.held;
    if (held !== undefined && typeof held !== "number") this.#buffers.release(held);
    this.#adjoints.delete(value);
  }

  /** Calls `add`, which must add the op that makes a gradient of a part of a value. The part has the shape of `view`. */
  give({ value, run }: Read, view: View, abilities: Abilities, add: (target: Target) => void): void {
    const { into, uses, type, activated } = this.#facts(value);
    const whole = sameRun(run, value.run);
    const isFirst = !this.#adjoints.has(value);
    if (isFirst && !into && whole && this.#suits(abilities, this.#typeOf(value))) {
      const out = this.#take(value, view);
      const derives = uses === 1 && abilities.derives && activated && activated.at().type === out.type;
      const derivative = derives
        ? { activation: activated.activation, at: { ...activated.at(), rows: view.rows, columns: view.columns } }
        : undefined;
      add({ out, accumulate: false, ...(derivative && { derivative }) });
      const held = { ...out, rows: value.view.rows, columns: value.view.columns };
      this.#adjoints.set(value, { held, beforeActivation: derives === true, written: [value.run] });
      return;
    }
    const out = this.#part(value, run, view);
    const accumulate = this.#isWritten(value, run);
    if (this.#suits(abilities, out.type) && (!accumulate || (abilities.accumulates && out.type === "f32"))) {
      add({ out, accumulate });
    } else {
      const between = this.#buffers.take(`${value.view.buffer}.gradient`, into ? "f32" : this.#between(type), view);
      add({ out: between, accumulate: false });
      this.#addTo(out, between, accumulate);
      this.#buffers.release(between);
    }
    this.#note(value, run);
  }

  /** Adds a gradient that is already computed. */
  pass({ value, run }: Read, view: View, gradient: View | number): void {
    const { into } = this.#facts(value);
    const adjoint = this.#adjoints.get(value);
    if (!adjoint && !into && sameRun(run, value.run)) {
      if (typeof gradient !== "number") this.#buffers.share(gradient);
      const held =
        typeof gradient === "number" ? gradient : { ...gradient, rows: value.view.rows, columns: value.view.columns };
      this.#adjoints.set(value, { held, beforeActivation: false, written: [value.run] });
      return;
    }
    if (adjoint && typeof adjoint.held === "number" && typeof gradient === "number") {
      this.#adjoints.set(value, { ...adjoint, held: adjoint.held + gradient });
      return;
    }
    const out = this.#part(value, run, view);
    const given = typeof gradient === "number" ? this.filled(gradient, view) : gradient;
    this.#addTo(out, given, this.#isWritten(value, run));
    if (given !== gradient) this.#buffers.release(given);
    this.#note(value, run);
  }

  /** A buffer of the shape of `like`, all of whose elements are `number`. */
  filled(number: number, like: View): View {
    const out = this.#buffers.take(`${like.buffer}.gradient`, "f32", like);
    this.#builder.fill({ value: number, out });
    return out;
  }

  /** The type of a value's gradient: f32 where several gradients are added up. */
  #typeOf(value: Value): ElementType {
    const { uses, type } = this.#facts(value);
    return uses > 1 ? "f32" : type;
  }

  #suits({ types }: Abilities, type: ElementType): boolean {
    return types === undefined || types.includes(type);
  }

  /** The type that an op writes instead where it cannot write `type`. */
  #between(type: ElementType): ElementType {
    return type === "f32" ? type : "f32";
  }

  #take(value: Value, like: View): View {
    return this.#buffers.take(`${value.view.buffer}.gradient`, this.#typeOf(value), like);
  }

  /** The view for the gradient of a part of a value, in the shape of `view`. */
  #part(value: Value, run: Run, view: View): View {
    const held = this.#own(value, run);
    return slice(held, run.start - value.run.start, view.rows, view.columns);
  }

  /** A view for the whole gradient of a value, which may be written. It is filled with zeros if only a part is written first. */
  #own(value: Value, run: Run): View {
    const { into, overlapping } = this.#facts(value);
    const adjoint = this.#adjoints.get(value);
    if (into) {
      // The rule of the op that wrote the value reads the whole gradient, so elements that no op reads must be zero.
      const isOpen = value.writer !== undefined && !sameRun(run, value.run);
      if ((overlapping || isOpen) && !adjoint) {
        this.#builder.fill({ value: 0, out: into });
        this.seed(value, into);
      }
      return into;
    }
    if (
      adjoint &&
      typeof adjoint.held !== "number" &&
      this.#buffers.isOnly(adjoint.held) &&
      adjoint.held.type === "f32"
    ) {
      return adjoint.held;
    }
    const out = this.#buffers.take(
      `${value.view.buffer}.gradient`,
      adjoint ? "f32" : this.#partType(value, run),
      value.view,
    );
    if (adjoint && typeof adjoint.held !== "number") {
      this.#builder.copy({ input: adjoint.held, out });
      this.#buffers.release(adjoint.held);
    } else if (adjoint || !sameRun(run, value.run)) {
      this.#builder.fill({ value: adjoint ? Number(adjoint.held) : 0, out });
    }
    const written = adjoint || !sameRun(run, value.run) ? [value.run] : [];
    this.#adjoints.set(value, { held: out, beforeActivation: false, written });
    return out;
  }

  #partType(value: Value, run: Run): ElementType {
    return sameRun(run, value.run) ? this.#typeOf(value) : "f32";
  }

  #isWritten(value: Value, run: Run): boolean {
    return this.#adjoints.get(value)?.written.some((written) => meets(written, run)) ?? false;
  }

  #note(value: Value, run: Run): void {
    const { into } = this.#facts(value);
    const adjoint = this.#adjoints.get(value) ?? { held: into ?? 0, beforeActivation: false, written: [] };
    this.#adjoints.set(value, { ...adjoint, written: [...adjoint.written, run] });
  }

  #addTo(out: View, gradient: View, accumulate: boolean): void {
    const given = { ...gradient, rows: out.rows, columns: out.columns };
    if (!accumulate) {
      this.#builder.copy({ input: given, out });
    } else if (given.type === "f32") {
      this.#builder.add({ a: out, b: given, out });
    } else {
      const wide = this.#buffers.take(`${out.buffer}.gradient`, "f32", out);
      this.#builder.copy({ input: given, out: wide }).add({ a: out, b: wide, out });
      this.#buffers.release(wide);
    }
  }
}
