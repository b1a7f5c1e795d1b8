/**
 * From a model to programs: the ops of a training step are the gradient of one batch, and the update that applies it.
 * They are built apart, because one device runs them in one program while many devices put a reduction in between.
 *
 * Programs that read data move through their tables (batch rows, update scalars, losses) by a cursor: the host fills a
 * window of many steps, and the device runs them in a row without another write.
 */
import type { ElementType, View } from "../program/buffer.js";
import { type Loss, STATE_SLOTS, UPDATE_SCALARS, type UpdateRule } from "../program/op.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import type { Autoencoder } from "./autoencoder.js";
import { activationDerivative, backward, type Dense, forward } from "./dense.js";

/** The rows a program reads its batches from. */
export interface Source {
  readonly type: Extract<ElementType, "u8" | "f32">;
  readonly count: number;
  /** Stored values are multiplied by it. */
  readonly scale: number;
}

export interface TrainingProgramOptions {
  readonly source: Source;
  readonly batch: number;
  readonly loss: Loss;
  readonly rule: UpdateRule;
  /** Gradients are clipped to this global norm. */
  readonly clip?: number;
  /** Steps that fit in the tables. */
  readonly window: number;
}

/** Names of the optimizer's state buffers, each as long as the parameters: `state.first`, ... */
export function stateBuffers(rule: UpdateRule): string[] {
  return STATE_SLOTS[rule.name].map((slot) => `state.${slot}`);
}

/**
 * One training step. Buffers to fill: `source`, `parameters`, the state; for each window `rows` [window, batch],
 * `scalars` [window, 4] and `cursor` = 0. Each run leaves its mean loss in `losses[cursor]`.
 */
export function trainingProgram(model: Autoencoder, options: TrainingProgramOptions): Program {
  const builder = new ProgramBuilder("training step");
  const cursor = builder.buffer("cursor", "u32", [1]);
  const { batch } = batchOps(builder, model, options, cursor);
  const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
  const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
  const total = builder.table("losses", "f32", options.window, [1], cursor);
  const scale = 1 / (options.batch * model.inputSize);
  gradientOps(builder, model, { loss: options.loss, scale, batch, parameters, gradients, total });
  const scalars = builder.table("scalars", "f32", options.window, [UPDATE_SCALARS], cursor);
  updateOps(builder, { rule: options.rule, clip: options.clip, parameters, gradients, scalars });
  return builder.advance(cursor).build();
}

export interface GradientOptions {
  readonly loss: Loss;
  /** Multiplies the summed loss, and so every gradient; 1 / (elements of the whole batch) gives the mean. */
  readonly scale: number;
  readonly batch: View;
  readonly parameters: View;
  readonly gradients: View;
  readonly total: View;
}

/** Adds the forward pass, the loss and the backward pass of one batch: fills `gradients` and `total`. */
export function gradientOps(builder: ProgramBuilder, model: Autoencoder, options: GradientOptions): void {
  const { loss, scale, batch, parameters, gradients, total } = options;
  const layers = [...model.layers];
  const last = layers[layers.length - 1];
  // The loss takes logits where it has the sigmoid fused in.
  if (loss === "bce") layers[layers.length - 1] = { ...last, activation: "linear" };
  const traces = forward(builder, layers, model.layout, parameters, batch, true);
  const top = traces[traces.length - 1];
  const gradient = builder.buffer(`${last.name}.gradient`, "f32", [batch.rows, batch.columns]);
  builder.loss({ loss, input: top.output, target: batch, scale, total, gradient });
  const derivative = activationDerivative(top);
  if (derivative) builder.activationGradient({ ...derivative, gradient, out: gradient });
  backward(builder, traces, model.layout, parameters, gradients, gradient);
}

export interface UpdateOptions {
  readonly rule: UpdateRule;
  readonly clip?: number;
  readonly parameters: View;
  readonly gradients: View;
  readonly scalars: View;
}

/** Adds clipping by global norm, if asked for, and the optimizer's update over the whole flat vector. */
export function updateOps(builder: ProgramBuilder, options: UpdateOptions): void {
  const { rule, clip, parameters, gradients, scalars } = options;
  const state = stateBuffers(rule).map((name) => builder.buffer(name, "f32", [parameters.columns]));
  let gradientScale: View | undefined;
  if (clip !== undefined) {
    const norm = builder.buffer("gradientNorm", "f32", [1]);
    gradientScale = builder.buffer("gradientScale", "f32", [1]);
    builder.norm({ input: gradients, out: norm }).clipFactor({ norm, maximum: clip, out: gradientScale });
  }
  builder.update({ rule, parameters, gradients, state, scalars, gradientScale });
}

/** A use of a trained autoencoder. */
export type Component = "encode" | "decode" | "reconstruct";

/** The layers that each use of a trained autoencoder runs through. */
export function componentLayers(model: Autoencoder, component: Component): readonly Dense[] {
  switch (component) {
    case "encode":
      return [...model.encoder, ...model.bottleneck];
    case "decode":
      return model.decoder;
    case "reconstruct":
      return model.layers;
  }
}

/** `input` [batch, inputs] -> the buffer named `output` [batch, outputs], through the layers of a component. */
export function componentProgram(model: Autoencoder, component: Component, batch: number) {
  const layers = componentLayers(model, component);
  const builder = new ProgramBuilder(component);
  const input = builder.buffer("input", "f32", [batch, layers[0].inputs]);
  const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
  const traces = forward(builder, layers, model.layout, parameters, input, false);
  return { program: builder.build(), output: traces[traces.length - 1].output.buffer };
}

/** Adds the gather that builds a batch, [batch, input size], from the rows that the table names. */
function batchOps(
  builder: ProgramBuilder,
  model: Autoencoder,
  { source, batch, window }: { readonly source: Source; readonly batch: number; readonly window: number },
  cursor: View,
) {
  const data = builder.buffer("source", source.type, [source.count, model.inputSize]);
  const rows = builder.table("rows", "u32", window, [batch], cursor);
  const out = builder.buffer("batch", "f32", [batch, model.inputSize]);
  builder.gather({ source: data, rows, scale: source.scale, out });
  return { batch: out };
}
