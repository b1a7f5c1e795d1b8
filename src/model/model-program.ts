/**
 * The programs of a model that is a function. A batch is cut into parts, whose shares of the loss, of the gradients and of the state
 * add up in a fixed order: what is learned depends on the number of parts, and not on where they are computed.
 */
import { chainOps } from "../optimizer/chain-ops.js";
import type { Optimizer } from "../optimizer/transform.js";
import { type ElementType, slice, type View } from "../program/buffer.js";
import { differentiate } from "../program/differentiate.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import type { Learned } from "./learned.js";
import { type Mode, Scope } from "./scope.js";
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

/** Options of `modelStep`. */
interface ModelStepOptions {
  readonly source: ModelSource;
  readonly optimizer: Optimizer;
  readonly batch: number;
  readonly parts: number;
  /** Of noise. */
  readonly seed: number;
}

/** What a part leaves: its shares. */
interface PartShares {
  readonly gradients: View;
  readonly state: View;
  /** The loss, then its terms. */
  readonly values: readonly View[];
}

/**
 * One step of learning. Buffers to fill: `source`, `targets` where they are apart, `parameters`, `state`; for each step `rows` and what
 * `stepScalars` says. `position` counts the steps. Each run adds the loss and its terms to `metrics`.
 */
export function modelStep(learned: Learned, options: ModelStepOptions): Program {
  const { batch, parts, optimizer, seed, source } = options;
  const builder = new ProgramBuilder("training step");
  const vectors = declareVectors(builder, learned);
  const data = batchOps(builder, learned, source, batch);
  const position = builder.buffer("position", "u32", [2]);
  const shares = Array.from({ length: parts }, (_, part): PartShares => {
    const [start, end] = [Math.floor((batch * part) / parts), Math.floor((batch * (part + 1)) / parts)];
    const rowsOf = (view: View): View => slice(view, start * view.columns, end - start, view.columns);
    const name = part === 0 ? "" : `.${part}`;
    const gradients = builder.buffer(`gradients${name}`, "f32", [vectors.parameters.columns]);
    // Apart from the state, which all parts read as it was before the step.
    const state = builder.buffer(`nextState${name}`, "f32", [vectors.state.columns]);
    const scope = modelScope(builder, learned, vectors, { mode: "train", batch, nextState: state });
    const inScope = scope({ seed, position, row: start });
    const output = learned.model(inScope, rowsOf(data.x));
    learned.loss(inScope, output, rowsOf(data.y));
    const total = totalOf(builder, inScope.terms);
    gradientsOf(builder, learned, inScope, total, gradients);
    return { gradients, state, values: [total, ...inScope.terms.map(({ value }) => value)] };
  });
  const sum = treeSum(builder, shares);
  for (const name of learned.changing) {
    const [input, out] = [sum.state, vectors.state].map((vector) => learned.stateLayout.view(vector, name));
    builder.copy({ input, out });
  }
  addMetrics(builder, sum.values);
  const tensors = learned.parameters
    .filter(({ trainable }) => trainable)
    .map(({ name, rows, columns }) => ({ offset: learned.layout.tensor(name).offset, length: rows * columns }));
  chainOps(builder, optimizer, { parameters: vectors.parameters, gradients: sum.gradients, tensors });
  return builder.advance(slice(position, 0, 1, 1)).build();
}

/**
 * The loss, its terms, and the share of right classes where targets are classes, over `rows` of `of` rows. Buffers to fill as for
 * `modelStep`. Each run adds the share of its rows to `metrics`.
 */
export function modelEvaluation(learned: Learned, source: ModelSource, rows: number): Program {
  const builder = new ProgramBuilder("evaluation");
  const vectors = declareVectors(builder, learned);
  const data = batchOps(builder, learned, source, rows);
  const position = builder.buffer("position", "u32", [2]);
  const options = { mode: "evaluate", batch: source.count, nextState: vectors.state } as const;
  const scope = modelScope(builder, learned, vectors, options)({ seed: 0, position, row: 0 });
  const output = learned.model(scope, data.x);
  learned.loss(scope, output, data.y);
  const values = [totalOf(builder, scope.terms), ...scope.terms.map(({ value }) => value)];
  if (source.classes) values.push(accuracyOf(scope, output, data.y));
  addMetrics(builder, values);
  return builder.build();
}

/** `input` [rows, features] -> the buffer named `output`, f32. */
export function modelPrediction(learned: Learned, rows: number): Program {
  const builder = new ProgramBuilder("prediction");
  const vectors = declareVectors(builder, learned);
  const input = builder.buffer("input", "f32", [rows, learned.features]);
  const position = builder.buffer("position", "u32", [2]);
  const options = { mode: "evaluate", batch: rows, nextState: vectors.state } as const;
  const scope = modelScope(builder, learned, vectors, options)({ seed: 0, position, row: 0 });
  const narrow = learned.precision === "f32" ? input : scope.buffer([rows, learned.features]);
  if (narrow !== input) builder.copy({ input, out: narrow });
  const made = learned.model(scope, narrow);
  return builder.copy({ input: made, out: builder.buffer("output", "f32", [rows, learned.outputs]) }).build();
}

interface ProgramVectors {
  readonly parameters: View;
  readonly weights: View;
  readonly state: View;
}

function declareVectors(builder: ProgramBuilder, { layout, stateLayout, precision }: Learned): ProgramVectors {
  const parameters = builder.buffer("parameters", "f32", [layout.length]);
  const state = builder.buffer("state", "f32", [Math.max(1, stateLayout.length)]);
  if (precision === "f32") return { parameters, weights: parameters, state };
  const weights = builder.buffer("weights", precision, [layout.length]);
  builder.copy({ input: parameters, out: weights });
  return { parameters, weights, state };
}

/** A batch, and its targets. */
function batchOps(builder: ProgramBuilder, learned: Learned, source: ModelSource, batch: number) {
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

function modelScope(
  builder: ProgramBuilder,
  learned: Learned,
  vectors: ProgramVectors,
  { mode, batch, nextState }: { readonly mode: Mode; readonly batch: number; readonly nextState: View },
) {
  const tensors = new LaidOutTensors(learned, { ...vectors, nextState });
  const { precision } = learned;
  return (noise: { readonly seed: number; readonly position: View; readonly row: number }): Scope =>
    Scope.root({ builder, tensors, mode, precision, batch, noise });
}

function gradientsOf(builder: ProgramBuilder, { layout }: Learned, scope: Scope, of: View, gradients: View): void {
  const by = scope.parameters
    .filter(({ trainable }) => trainable)
    .map(({ name, view }) => ({ view, into: layout.view(gradients, name) }));
  differentiate(builder, { of, by });
}

/** Shares added two by two, then those sums, until one is left, in the place of the first. */
function treeSum(builder: ProgramBuilder, shares: readonly PartShares[]): PartShares {
  let left = shares;
  while (left.length > 1) {
    const pairs = Array.from({ length: Math.ceil(left.length / 2) }, (_, i) => left.slice(2 * i, 2 * i + 2));
    for (const [a, b] of pairs) {
      if (!b) continue;
      builder.add({ a: a.gradients, b: b.gradients, out: a.gradients }).add({ a: a.state, b: b.state, out: a.state });
      for (const [i, value] of a.values.entries()) {
        // The total of a single term is that term.
        if (a.values.indexOf(value) === i) builder.add({ a: value, b: b.values[i], out: value });
      }
    }
    left = pairs.map(([first]) => first);
  }
  return left[0];
}

function addMetrics(builder: ProgramBuilder, values: readonly View[]): void {
  const metrics = builder.buffer("metrics", "f32", [values.length]);
  for (const [i, b] of values.entries()) {
    const sum = slice(metrics, i, 1, 1);
    builder.add({ a: sum, b, out: sum });
  }
}

/** The share of rows whose greatest column is that of their class. Of n columns that are as great, each counts 1 / n. */
function accuracyOf(scope: Scope, output: View, labels: View): View {
  const taken = scope.buffer([output.rows, 1], "f32");
  scope.builder.take({ input: output, labels, out: taken });
  const most = scope.reduce("max", "columns", output);
  const isMost = scope.map(["sub", 1, ["less", "x", "most"]], { x: output, most }, "f32");
  const alike = scope.reduce("sum", "columns", isMost);
  const right = scope.map(["where", ["less", "taken", "most"], 0, ["div", 1, "alike"]], { taken, most, alike }, "f32");
  return scope.meanOfRows(right);
}
