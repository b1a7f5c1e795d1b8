/**
 * Where a model is put together: a layer asks it for parameters and state, adds ops by it, and names what is to be learned besides. A
 * model is any function of a scope and a batch. It is called once to find what it declares, and once for each part of a batch in
 * each program that it becomes; so it must declare the same each time.
 */
import { UsageError } from "../error.js";
import type { Float, View } from "../program/buffer.js";
import type { Expression, RandomOp, ReduceOp } from "../program/op.js";
import type { ProgramBuilder } from "../program/program.js";
import type { Initial, RunningMean, TensorSpec, Tensors } from "./tensors.js";

/** Whether a model learns, with noise and the statistics of its batch, or is used. */
export type Mode = "train" | "evaluate";

/** A layer, and a model: adds its ops and returns what it makes of `input`. */
export type Layer = (scope: Scope, input: View) => View;

/** A part of what is to be small: a share of the batch's, as all parts of a batch add up. */
export interface Term {
  readonly name: string;
  /** f32 `[1, 1]` */
  readonly value: View;
  readonly weight: number;
}

/** A parameter, as the layers read it and as it is differentiated by. */
export interface Parameter {
  readonly name: string;
  readonly view: View;
  readonly trainable: boolean;
  /** Whether it was declared as a weight: penalties are of those. */
  readonly weight: boolean;
}

/** What all scopes of one model in one program share. */
export interface ScopeOptions {
  readonly builder: ProgramBuilder;
  readonly tensors: Tensors;
  readonly mode: Mode;
  /** Of activations and weights. */
  readonly precision: Float;
  /** Rows of the whole batch, of which the input may be a part. */
  readonly batch: number;
  /** The address of noise: see `RandomOp`. */
  readonly noise: Pick<RandomOp, "seed" | "position"> & { readonly row: number };
}

interface Shared extends ScopeOptions {
  readonly terms: Term[];
  readonly parameters: Parameter[];
  readonly names: Map<string, number>;
  readonly weights: Map<Layer, View>;
  streams: number;
}

/** Names of metrics that no term has: the sum of all terms, and the share of right classes. */
const METRICS = ["loss", "accuracy"];

/** Of a value. */
export type Shape = readonly [rows: number, columns: number];

/** Declares tensors and adds ops, for a layer or a loss. */
export class Scope {
  readonly #shared: Shared;
  readonly #path: string;
  /** Of the terms that are named by this scope. */
  readonly #weight: number;

  private constructor(shared: Shared, path: string, weight = 1) {
    this.#shared = shared;
    this.#path = path;
    this.#weight = weight;
  }

  /** The scope of a whole model in one program. */
  static root(options: ScopeOptions): Scope {
    const found = { terms: [], parameters: [], names: new Map(), weights: new Map() };
    return new Scope({ ...options, ...found, streams: 0 }, "");
  }

  /** Takes any op. */
  get builder(): ProgramBuilder {
    return this.#shared.builder;
  }

  /** Whether the model learns or is used. */
  get mode(): Mode {
    return this.#shared.mode;
  }

  /** The type of activations and weights. */
  get precision(): Float {
    return this.#shared.precision;
  }

  /** Rows of the whole batch. */
  get batch(): number {
    return this.#shared.batch;
  }

  /** What was named so far. */
  get terms(): readonly Term[] {
    return this.#shared.terms;
  }

  /** What was declared so far. */
  get parameters(): readonly Parameter[] {
    return this.#shared.parameters;
  }

  /** A scope within this one: names of tensors begin with its path. A second one of that name gets a number. */
  enter(name: string): Scope {
    return new Scope(this.#shared, this.#unused(name), this.#weight);
  }

  /** This scope, with terms that weigh so much. */
  weighing(weight: number): Scope {
    return new Scope(this.#shared, this.#path, weight * this.#weight);
  }

  /** A trainable f32 parameter, zero or as `initial` says. */
  parameter(name: string, [rows, columns]: Shape, initial: Initial = 0, trainable = true): View {
    return this.#declare({ name: this.#unused(name), rows, columns, initial, trainable }, false);
  }

  /** A trainable weight, in the precision of the model. */
  weight(name: string, [rows, columns]: Shape, initial: Initial, trainable = true): View {
    return this.#declare({ name: this.#unused(name), rows, columns, initial, trainable }, true);
  }

  /** A vector that is kept from step to step and has no gradient. `runningMean` is one that steps change. */
  state(name: string, columns: number, initial: number): View {
    return this.#shared.tensors.state(this.#stateSpec(name, columns, initial));
  }

  /** A state that steps change, as it was before: parts of a batch combine it by a mean. `seen` is a row of statistics of `part`. */
  runningMean(name: string, seen: View, part: View, { decay, initial }: RunningMean): View {
    const spec = this.#stateSpec(name, seen.columns, initial);
    const now = this.#shared.tensors.state(spec);
    if (this.mode === "train") {
      const next = this.#shared.tensors.nextState(spec);
      const mean: Expression = ["add", ["mul", decay, "old"], ["mul", 1 - decay, "seen"]];
      const share = this.#shareOf(part);
      const expression: Expression = share === 1 ? mean : ["mul", share, mean];
      this.builder.map({ expression, inputs: { old: now, seen }, out: next });
    }
    return now;
  }

  /** A new buffer. */
  buffer([rows, columns]: Shape, type: Float = this.precision, name = "value"): View {
    const full = this.#path === "" ? name : `${this.#path}.${name}`;
    return this.builder.buffer(this.builder.unusedName(full), type, [rows, columns]);
  }

  /** Adds a map and returns its output: of the shape that its inputs are broadcast to, unless another is given. */
  map(expression: Expression, inputs: Readonly<Record<string, View>>, type: Float = this.precision): View {
    const views = Object.values(inputs);
    const shape = [
      Math.max(1, ...views.map((view) => view.rows)),
      Math.max(1, ...views.map((view) => view.columns)),
    ] as const;
    const out = this.buffer(shape, type);
    this.builder.map({ expression, inputs, out });
    return out;
  }

  /** Adds a reduction and returns its output, f32. */
  reduce(by: ReduceOp["by"], over: ReduceOp["over"], input: View): View {
    const out = this.buffer([over === "columns" ? input.rows : 1, over === "rows" ? input.columns : 1], "f32");
    this.builder.reduce({ by, over, input, out });
    return out;
  }

  /** Random numbers for a part of a batch: a row's depend on its place in the whole batch and on the step. */
  noise(distribution: RandomOp["distribution"], { rows, columns }: View): View {
    const out = this.buffer([rows, columns], "f32", "noise");
    const stream = this.#shared.streams++;
    this.builder.random({ distribution, stream, ...this.#shared.noise, out });
    return out;
  }

  /** Names a part of what is to be small. `value` is a share of the batch's, as `meanOfRows` makes one. */
  term(name: string, value: View, weight = 1): void {
    if (METRICS.includes(name)) this.refuse(`term "${name}": a metric has that name already: give the term another`);
    this.#shared.terms.push({ name: this.#unusedTerm(name), value, weight: weight * this.#weight });
  }

  /** The sum of all elements, divided by the rows of the whole batch: the share of these rows in the mean of a row. */
  meanOfRows(values: View, factor = 1): View {
    const sum = this.reduce("sum", "all", values);
    return this.map(["mul", factor / this.batch, "sum"], { sum }, "f32");
  }

  /** What is the same for every part, such as a penalty on weights, as a share. */
  shareOf(value: View, part: View): View {
    const share = this.#shareOf(part);
    return share === 1 ? value : this.map(["mul", share, "x"], { x: value }, "f32");
  }

  /** Has a layer's weight known to others. */
  remember(layer: Layer, weight: View): void {
    this.#shared.weights.set(layer, weight);
  }

  /** The weight of a layer that was used before. @throws UsageError when there is none */
  recall(layer: Layer): View {
    const weight = this.#shared.weights.get(layer);
    if (weight) return weight;
    throw new UsageError(
      `${this.#where}: the layer whose weight is used comes later, or is not in this model: use it before`,
    );
  }

  /** Refuses what cannot be. @throws UsageError that says where in the model it is */
  refuse(sentence: string): never {
    throw new UsageError(`${this.#where}: ${sentence}`);
  }

  get #where(): string {
    return this.#path === "" ? "model" : `model, ${this.#path}`;
  }

  #shareOf({ rows }: View): number {
    return rows / this.batch;
  }

  #declare(spec: TensorSpec, weight: boolean): View {
    const view = this.#shared.tensors.parameter(spec, weight ? this.precision : "f32");
    this.#shared.parameters.push({ name: spec.name, view, trainable: spec.trainable, weight });
    return view;
  }

  #stateSpec(name: string, columns: number, initial: number): TensorSpec {
    return { name: this.#unused(name), rows: 1, columns, initial, trainable: false };
  }

  #unused(name: string): string {
    const path = this.#path === "" ? name : `${this.#path}.${name}`;
    const before = this.#shared.names.get(path) ?? 0;
    this.#shared.names.set(path, before + 1);
    return before === 0 ? path : `${path}.${before + 1}`;
  }

  #unusedTerm(name: string): string {
    const same = this.terms.filter((term) => term.name === name || term.name.startsWith(`${name}.`)).length;
    return same === 0 ? name : `${name}.${same + 1}`;
  }
}
