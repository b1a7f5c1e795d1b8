/**
 * A model as one flat vector: its parameters, then its statistics, which are state without gradient such as running averages. What a
 * part of a batch contributes lies in the same way: its share of the gradient, then of the next statistics. So the sum of the parts, a
 * checkpoint and a digest are each one pass over one vector, as for autoencoders.
 */
import { chainOps } from "../optimizer/chain-ops.js";
import type { Optimizer } from "../optimizer/transform.js";
import { slice, type View } from "../program/buffer.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import { ParameterLayout } from "./layout.js";
import type { Learned } from "./learned.js";
import {
  batchOps,
  learning,
  type ModelSource,
  type ProgramVectors,
  partOps,
  stateOps,
  weightsOf,
} from "./model-ops.js";
import { initialVector } from "./tensors.js";

/** A model, and where everything that it keeps lies. */
export interface FlatModel {
  readonly learned: Learned;
  /** Of parameters, then statistics. */
  readonly layout: ParameterLayout;
  /** Elements of the parameters, with which the vector begins. */
  readonly parameters: number;
  /** Elements of the statistics, which follow. */
  readonly statistics: number;
  /** Elements that a gradient does not write: gaps, what is frozen, statistics that no step changes. */
  readonly unwritten: readonly { readonly offset: number; readonly end: number }[];
}

/** @param learned what the model declares */
export function flatModel(learned: Learned): FlatModel {
  const { parameters, states, layout, stateLayout } = learned;
  const all = new ParameterLayout([...parameters, ...states]);
  const isWritten = new Set([
    ...parameters.filter(({ trainable }) => trainable).map(({ name }) => name),
    ...learned.changing,
  ]);
  return {
    ...{ learned, layout: all, parameters: layout.length, statistics: stateLayout.length },
    unwritten: complement(
      all.tensors
        .filter(({ name }) => isWritten.has(name))
        .map(({ offset, rows, columns }) => ({ offset, end: offset + rows * columns })),
      all.length,
    ),
  };
}

/** What ascending ranges leave of a vector. */
function complement(ranges: FlatModel["unwritten"], length: number): FlatModel["unwritten"] {
  const starts = [0, ...ranges.map(({ end }) => end)];
  const ends = [...ranges.map(({ offset }) => offset), length];
  return starts.map((offset, i) => ({ offset, end: ends[i] })).filter(({ offset, end }) => end > offset);
}

/** The vector that a run begins with. The same for the same seed. */
export function initialFlat({ learned, layout, parameters, statistics }: FlatModel, seed: number): Float32Array {
  const vector = new Float32Array(layout.length);
  vector.set(initialVector(learned.parameters, learned.layout, seed));
  if (statistics > 0) vector.set(initialVector(learned.states, learned.stateLayout, seed), parameters);
  return vector;
}

/** What a step, or a part of one, is computed from. */
interface FlatStepOptions {
  readonly source: ModelSource;
  readonly batch: number;
  /** Of noise. */
  readonly seed: number;
}

/**
 * The share of `rows` rows in the gradient of a batch, and in the next statistics. The caller fills `source`, `targets` where they are
 * apart, `parameters`, `rows` and `position` (the step, and the place of the first row in the batch). A run writes `gradients`, and the
 * share of the loss to `total`.
 */
export function flatGradient(
  model: FlatModel,
  options: FlatStepOptions & { readonly rows: number; readonly reuse?: boolean },
): Program {
  const builder = new ProgramBuilder("gradient");
  const vectors = declareFlat(builder, model);
  const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
  const [total] = shareOps(builder, model, vectors, { ...options, gradients, next: statisticsOf(model, gradients) });
  return builder.copy({ input: total, out: builder.buffer("total", "f32", [1]) }).build();
}

/** The update by `gradients`, the sum of all parts. Buffers to fill: those, `parameters` and what `stepScalars` says. */
export function flatUpdate(model: FlatModel, optimizer: Optimizer): Program {
  const builder = new ProgramBuilder("update");
  const [parameters, gradients] = ["parameters", "gradients"].map((name) =>
    builder.buffer(name, "f32", [model.layout.length]),
  );
  stateOps(builder, model.learned, statisticsOf(model, gradients), statisticsOf(model, parameters));
  updateOps(builder, model, optimizer, parameters, own(builder, optimizer, slice(gradients, 0, 1, model.parameters)));
  return builder.build();
}

/** One step on a whole batch: both of the above in one program, with the same bits. A run writes the loss to `total`. */
export function flatStep(model: FlatModel, options: FlatStepOptions & { readonly optimizer: Optimizer }): Program {
  const builder = new ProgramBuilder("training step");
  const vectors = declareFlat(builder, model);
  const gradients = builder.buffer("gradients", "f32", [model.parameters]);
  const next = builder.buffer("nextState", "f32", [Math.max(1, model.statistics)]);
  const rows = options.batch;
  const [total] = shareOps(builder, model, vectors, { ...options, rows, gradients, next });
  stateOps(builder, model.learned, next, vectors.state);
  builder.copy({ input: total, out: builder.buffer("total", "f32", [1]) });
  updateOps(builder, model, options.optimizer, vectors.flat, gradients);
  return builder.build();
}

interface FlatVectors extends ProgramVectors {
  readonly flat: View;
}

function declareFlat(builder: ProgramBuilder, model: FlatModel): FlatVectors {
  const flat = builder.buffer("parameters", "f32", [model.layout.length]);
  const parameters = slice(flat, 0, 1, model.parameters);
  return { flat, parameters, weights: weightsOf(builder, model.learned, parameters), state: statisticsOf(model, flat) };
}

/** The statistics in a flat vector; where there are none, nothing reads the view. */
const statisticsOf = ({ parameters, statistics }: FlatModel, vector: View): View =>
  statistics > 0 ? slice(vector, parameters, 1, statistics) : vector;

interface ShareOptions extends FlatStepOptions {
  readonly rows: number;
  /** Whether gradients within the program may share a buffer, one after the other. Default: true. */
  readonly reuse?: boolean;
  readonly gradients: View;
  readonly next: View;
}

function shareOps(
  builder: ProgramBuilder,
  { learned }: FlatModel,
  vectors: FlatVectors,
  { source, rows, batch, seed, reuse, gradients, next: nextState }: ShareOptions,
): View[] {
  const { x, y } = batchOps(builder, learned, source, rows);
  const position = builder.buffer("position", "u32", [2]);
  const noise = { seed, position, row: 0 };
  return partOps(builder, learned, vectors, { x, y, batch, noise, reuse, gradients, nextState });
}

/** A chain may change the gradients: those of all parts lie in memory that others read, too. */
function own(builder: ProgramBuilder, { links }: Optimizer, gradients: View): View {
  if (!links.some((link) => "transform" in link && "g" in link.transform.update)) return gradients;
  const copy = builder.buffer("ownGradients", "f32", [gradients.columns]);
  builder.copy({ input: gradients, out: copy });
  return copy;
}

function updateOps(builder: ProgramBuilder, model: FlatModel, optimizer: Optimizer, flat: View, gradients: View): void {
  const parameters = slice(flat, 0, 1, model.parameters);
  chainOps(builder, optimizer, { parameters, gradients, tensors: learning(model.learned) });
}
