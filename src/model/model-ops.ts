/** What the programs of a model that is a function are made of: its vectors, a batch, and the shares of a part of it. */
import { type ElementType, slice, type View } from "../program/buffer.js";
import { differentiate } from "../program/differentiate.js";
import type { ProgramBuilder } from "../program/program.js";
import type { Learned } from "./learned.js";
import { type Mode, Scope, type ScopeOptions } from "./scope.js";
import { LaidOutTensors } from "./tensors.js";
import { totalOf } from "./total.js";

/** Rows that lie on a device, and what is asked of a model for each of them. */
export interface ModelSource {
  readonly type: Extract<ElementType, "u8" | "f32">;
  readonly count: number;
  /** Stored values are multiplied by it. */
  readonly scale: number;
  /** The target is the input, or lies in a buffer of its own. */
  readonly target: "input" | "own";
  /** Whether the target is the number of a class. */
  readonly classes: boolean;
}

/** The vectors of a model in a program. */
export interface ProgramVectors {
  readonly parameters: View;
  /** The parameters in the precision of the model. */
  readonly weights: View;
  readonly state: View;
}

/** Parameters and state as two buffers. */
export function declareVectors(builder: ProgramBuilder, learned: Learned): ProgramVectors {
  const { layout, stateLayout } = learned;
  const parameters = builder.buffer("parameters", "f32", [layout.length]);
  const state = builder.buffer("state", "f32", [Math.max(1, stateLayout.length)]);
  return { parameters, weights: weightsOf(builder, learned, parameters), state };
}

/** The parameters in the precision of the model. */
export function weightsOf(builder: ProgramBuilder, { layout, precision }: Learned, parameters: View): View {
  if (precision === "f32") return parameters;
  const weights = builder.buffer("weights", precision, [layout.length]);
  builder.copy({ input: parameters, out: weights });
  return weights;
}

/** A batch, and its targets. */
export function batchOps(builder: ProgramBuilder, learned: Learned, source: ModelSource, batch: number) {
  const { features, targets, precision } = learned;
  const rows = builder.buffer("rows", "u32", [batch]);
  const data = builder.buffer("source", source.type, [source.count, features]);
  const x = builder.buffer("x", precision, [batch, features]);
  builder.gather({ source: data, rows, scale: source.scale, out: x });
  if (source.target === "input") return { x, y: x };
  const wanted = builder.buffer("targets", "f32", [source.count, targets]);
  const y = builder.buffer("y", "f32", [batch, targets]);
  builder.gather({ source: wanted, rows, scale: 1, out: y });
  return { x, y };
}

/** Makes scopes of one model in one program. */
export function modelScope(
  builder: ProgramBuilder,
  learned: Learned,
  vectors: ProgramVectors,
  { mode, batch, nextState }: { readonly mode: Mode; readonly batch: number; readonly nextState: View },
) {
  const tensors = new LaidOutTensors(learned, { ...vectors, nextState });
  const { precision } = learned;
  return (noise: ScopeOptions["noise"]): Scope => Scope.root({ builder, tensors, mode, precision, batch, noise });
}

/** What a part is computed from, and where its shares go. */
interface PartOptions {
  readonly x: View;
  readonly y: View;
  /** Rows of the whole batch. */
  readonly batch: number;
  readonly noise: ScopeOptions["noise"];
  /** See `DifferentiateOptions`. */
  readonly reuse?: boolean;
  readonly gradients: View;
  readonly nextState: View;
}

/** Adds the ops of a part of a batch: its shares of the gradient and of the next state. Returns its shares of the loss and its terms. */
export function partOps(
  builder: ProgramBuilder,
  learned: Learned,
  vectors: ProgramVectors,
  { x, y, batch, noise, reuse, gradients, nextState }: PartOptions,
): View[] {
  const scope = modelScope(builder, learned, vectors, { mode: "train", batch, nextState })(noise);
  learned.loss(scope, learned.model(scope, x), y);
  const total = totalOf(builder, scope.terms);
  const by = scope.parameters
    .filter(({ trainable }) => trainable)
    .map(({ name, view }) => ({ view, into: learned.layout.view(gradients, name) }));
  differentiate(builder, { of: total, by, reuse });
  return [total, ...scope.terms.map(({ value }) => value)];
}

/** The tensors of a model that learn, as ranges of its flat vector. */
export const learning = ({ parameters, layout }: Learned) =>
  parameters
    .filter(({ trainable }) => trainable)
    .map(({ name, rows, columns }) => ({ offset: layout.tensor(name).offset, length: rows * columns }));

/** Takes over the states that a step changes. */
export function stateOps(builder: ProgramBuilder, { changing, stateLayout }: Learned, next: View, state: View): void {
  for (const name of changing) {
    const [input, out] = [next, state].map((vector) => stateLayout.view(vector, name));
    builder.copy({ input, out });
  }
}

/** Adds values to a table of sums. */
export function addMetrics(builder: ProgramBuilder, values: readonly View[]): void {
  const metrics = builder.buffer("metrics", "f32", [values.length]);
  for (const [i, b] of values.entries()) {
    const sum = slice(metrics, i, 1, 1);
    builder.add({ a: sum, b, out: sum });
  }
}
