/** What many devices run for one step, each on its rows: the gradient, the update after the gradients are summed, and an evaluation. */

import { UPDATE_SCALARS } from "../program/op.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import type { Autoencoder } from "./autoencoder.js";
import { forward } from "./dense.js";
import { gradientOps, LOSS_SCALE, type TrainingProgramOptions, updateOps } from "./lower.js";

/** What a gradient program computes, and of which rows. */
export interface GradientProgramOptions
  extends Pick<TrainingProgramOptions, "source" | "batch" | "loss" | "precision"> {
  /** Number of rows of the batch that this program takes. */
  readonly rows: number;
}

/**
 * The gradient of some rows of a batch, as a share of the batch's gradient: the shares add up to it. The caller fills `source`,
 * `parameters` and `rows`; with precision f16 also `lossScale`. A run writes `gradients`, and the share of the loss to `total`.
 * @example
 * ```ts
 * import { Autoencoder, openDevice, steps } from "dawnpour/kernels";
 *
 * const linear = { activation: "linear", codeActivation: "linear", outputActivation: "linear" } as const;
 * const model = new Autoencoder({ layers: [4, 2], ...linear, initialiser: "glorot" });
 * const source = { type: "f32", count: 3, scale: 1 } as const;
 * await using device = await openDevice({ device: "cpu" });
 * const program = await device.compile(steps.gradientProgram(model, { source, batch: 2, rows: 2, loss: "mse" }));
 * program.buffer("source").write(Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)));
 * program.buffer("rows").write(Uint32Array.of(0, 2));
 * program.buffer("parameters").write(model.initialParameters(0));
 * program.run();
 * const gradients = await program.buffer("gradients", "f32").read();
 * console.log(gradients.length === model.layout.length && gradients.some((value) => value !== 0)); // true
 * ```
 */
export function gradientProgram(model: Autoencoder, options: GradientProgramOptions): Program {
  const { source, rows: count, precision = "f32" } = options;
  const builder = new ProgramBuilder("gradient");
  const data = builder.buffer("source", source.type, [source.count, model.inputSize]);
  const rows = builder.buffer("rows", "u32", [1, count]);
  const batch = builder.buffer("batch", precision, [count, model.inputSize]);
  builder.gather({ source: data, rows, scale: source.scale, out: batch });
  const lossScale = precision === "f16" ? builder.buffer(LOSS_SCALE, "f32", [2]) : undefined;
  const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
  const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
  const total = builder.buffer("total", "f32", [1]);
  const scale = 1 / (options.batch * model.inputSize);
  gradientOps(builder, model, { loss: options.loss, scale, batch, parameters, gradients, total, lossScale });
  return builder.build();
}

/**
 * The update of a flat vector, or of a range of one, by the gradient of the whole batch. The caller fills the buffers
 * `parameters`, `gradients`, the state and `scalars` [4]; with precision f16 also `lossScale`.
 */
export function updateProgram(
  { layout: { length } }: { readonly layout: { readonly length: number } },
  { rule, clip, precision }: Pick<TrainingProgramOptions, "rule" | "clip" | "precision">,
): Program {
  const builder = new ProgramBuilder("update");
  const parameters = builder.buffer("parameters", "f32", [length]);
  const gradients = builder.buffer("gradients", "f32", [length]);
  const scalars = builder.buffer("scalars", "f32", [UPDATE_SCALARS]);
  const lossScale = precision === "f16" ? builder.buffer(LOSS_SCALE, "f32", [2]) : undefined;
  updateOps(builder, { rule, clip, parameters, gradients, scalars, lossScale });
  return builder.build();
}

/**
 * The squared error of the reconstructions of some rows, summed over the rows. The caller fills the buffers `source`,
 * `parameters` and `rows`. A run writes the sum to `total`.
 */
export function evaluationProgram(
  model: Autoencoder,
  { source, rows: count }: Pick<GradientProgramOptions, "source" | "rows">,
): Program {
  const builder = new ProgramBuilder("evaluation");
  const data = builder.buffer("source", source.type, [source.count, model.inputSize]);
  const rows = builder.buffer("rows", "u32", [1, count]);
  const images = builder.buffer("images", "f32", [count, model.inputSize]);
  builder.gather({ source: data, rows, scale: source.scale, out: images });
  const vector = builder.buffer("parameters", "f32", [model.layout.length]);
  const output = forward(builder, model.layers, model.layout, { weights: vector, biases: vector }, images);
  const total = builder.buffer("total", "f32", [1]);
  builder.loss({ loss: "mse", input: output, target: images, scale: 1, total });
  return builder.build();
}
