/** A model with its loss as what it declares: the tensors of its flat vectors, the terms of its loss, the size of its output. */
import { brief, UsageError } from "../error.js";
import type { Float } from "../program/buffer.js";
import { differentiate } from "../program/differentiate.js";
import { ProgramBuilder } from "../program/program.js";
import type { ModelLoss } from "./losses/loss.js";
import { type Layer, Scope } from "./scope.js";
import { DeclaredTensors, type Layouts, layoutsOf, type TensorSpec } from "./tensors.js";
import { totalOf } from "./total.js";

/** Rows that a model is tried with: more than one, so that rows are told from scalars. */
const TRIED_ROWS = 2;

/** What is to be given where something else is. */
const EXAMPLES: Readonly<Record<string, string>> = {
  model: "layers.sequential([layers.dense(10)])",
  loss: "losses.mse()",
};

/** A model, a loss, and the data that they are for. */
export interface LearnedOptions {
  readonly model: Layer;
  readonly loss: ModelLoss;
  /** Columns of the model's input, and of its target. */
  readonly features: number;
  readonly targets: number;
  /** Of activations and weights. */
  readonly precision: Float;
}

/** A model and its loss, with what they declare. */
export interface Learned extends LearnedOptions, Layouts {
  readonly parameters: readonly TensorSpec[];
  readonly states: readonly TensorSpec[];
  /** Names of the states that a step changes. */
  readonly changing: readonly string[];
  /** Names of the terms of the loss. */
  readonly terms: readonly string[];
  /** Columns of the output. */
  readonly outputs: number;
}

/** @throws UsageError, or ProgramError, that says where in the model sizes do not fit */
export function learnedModel(options: LearnedOptions): Learned {
  const { model, loss, features, targets, precision } = options;
  for (const [name, value] of Object.entries({ model, loss })) {
    if (typeof value !== "function") {
      throw new UsageError(`${name} must be a function, such as ${EXAMPLES[name]}, got ${brief(value)}`);
    }
  }
  const builder = new ProgramBuilder("model");
  const tensors = new DeclaredTensors(builder);
  const position = builder.buffer("position", "u32", [2]);
  const noise = { seed: 0, position, row: 0 };
  const scope = Scope.root({ builder, tensors, mode: "train", precision, batch: TRIED_ROWS, noise });
  const output = model(scope, builder.buffer("input", precision, [TRIED_ROWS, features]));
  if (typeof output !== "object" || output === null || output.rows !== TRIED_ROWS) {
    throw new UsageError("model: must return what it makes of its input, a view of as many rows");
  }
  const outputs = output.columns;
  loss(scope, output, builder.buffer("target", "f32", [TRIED_ROWS, targets]));
  if (scope.terms.length === 0) {
    throw new UsageError("loss: names no term: a loss calls scope.term(name, value) with a value f32 [1, 1]");
  }
  if (!tensors.parameters.some(({ trainable }) => trainable)) {
    throw new UsageError("model: has no trainable parameter: nothing can be learned");
  }
  // Here each tensor is a buffer of its own name, which an error then tells: it is unused, or behind an op without a gradient.
  const by = scope.parameters.filter(({ trainable }) => trainable).map(({ view }) => view);
  differentiate(builder, { of: totalOf(builder, scope.terms), by });
  const { parameters, states, changing } = tensors;
  const terms = scope.terms.map(({ name }) => name);
  return { ...options, ...layoutsOf(tensors), parameters, states, changing, terms, outputs };
}
