/**
 * The programs of a model that is a function. A batch is cut into parts, whose shares of the loss, of the gradients and of the state
 * add up in a fixed order: what is learned depends on the number of parts, and not on where they are computed.
 */
import { chainOps } from "../optimizer/chain-ops.js";
import type { Optimizer } from "../optimizer/transform.js";
import { slice, type View } from "../program/buffer.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import type { Learned } from "./learned.js";
import {
  addMetrics,
  batchOps,
  declareVectors,
  learning,
  type ModelSource,
  modelScope,
  partOps,
  stateOps,
} from "./model-ops.js";
import type { Scope } from "./scope.js";
import { totalOf } from "./total.js";

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
  const shares = Array.from({ length: parts }, (_, index): PartShares => {
    const [start, end] = [Math.floor((batch * index) / parts), Math.floor((batch * (index + 1)) / parts)];
    const rowsOf = (view: View): View => slice(view, start * view.columns, end - start, view.columns);
    const name = index === 0 ? "" : `.${index}`;
    const gradients = builder.buffer(`gradients${name}`, "f32", [vectors.parameters.columns]);
    // Apart from the state, which all parts read as it was before the step.
    const state = builder.buffer(`nextState${name}`, "f32", [vectors.state.columns]);
    const noise = { seed, position, row: start };
    const part = { x: rowsOf(data.x), y: rowsOf(data.y), batch, noise, gradients, nextState: state };
    return { gradients, state, values: partOps(builder, learned, vectors, part) };
  });
  const sum = treeSum(builder, shares);
  stateOps(builder, learned, sum.state, vectors.state);
  addMetrics(builder, sum.values);
  chainOps(builder, optimizer, {
    parameters: vectors.parameters,
    gradients: sum.gradients,
    tensors: learning(learned),
  });
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
