/**
 * From a model to programs. The ops of a training step are the gradient of one batch and the update that applies it. The two are
 * built separately, because one device runs both in one program, and several devices have a reduction between them.
 *
 * A cursor moves a program through its tables (rows of the batches, scalars of the updates, losses). The caller fills the tables
 * for a window of many steps, and the device runs these steps in a row without another write.
 *
 * In mixed precision (Micikevicius et al. 2018) the batch, everything as large as a batch, and the weights that a step computes
 * with are f16 or bf16. Parameters, their gradients and the optimizer's state stay f32. In f16 the loss is scaled.
 */
import { type ElementType, type Float, slice, type View } from "../program/buffer.js";
import { differentiate } from "../program/differentiate.js";
import { type Loss, stateSlots, UPDATE_SCALARS, type UpdateRule } from "../program/op.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import type { Autoencoder } from "./autoencoder.js";
import { type Dense, forward, type LayerParameters } from "./dense.js";

/** The rows from which a program reads its batches. */
export interface Source {
  readonly type: Extract<ElementType, "u8" | "f32">;
  readonly count: number;
  /** The factor on stored values. */
  readonly scale: number;
}

/** What one training step computes, and how. */
export interface TrainingProgramOptions {
  readonly source: Source;
  readonly batch: number;
  readonly loss: Loss;
  readonly rule: UpdateRule;
  /** The global norm to which gradients are clipped. Default: none. */
  readonly clip?: number;
  /** Number of steps that fit in the tables. */
  readonly window: number;
  /** The type of batches and weights. Default: f32. */
  readonly precision?: Float;
  /** Whether a step whose gradient or loss is not finite is left out, with all steps after it: see `GuardOp`. Default: false. */
  readonly guarded?: boolean;
  /**
   * Whether each layer has an update op of its own, right after its gradient, which is then still in the cache. An update that
   * needs the gradients of all layers, as clipping does, stays one op. The bits are the same. Default: false.
   */
  readonly byLayer?: boolean;
}

/** The buffer with the guard's state in a guarded program. */
export const GUARD = "guard";

/** The buffer with the loss scale's state in mixed precision: see `LossScaleOp`. */
export const LOSS_SCALE = "lossScale";

/** Steps without overflow after which the loss scale is doubled. */
const LOSS_SCALE_INTERVAL = 2000;

/** Names of the optimizer's state buffers, each as long as the parameters: `state.first`, ... */
export function stateBuffers(rule: UpdateRule): string[] {
  return stateSlots(rule.name).map((slot) => `state.${slot}`);
}

/**
 * One training step. The caller fills these buffers: `source`, `parameters` and the state; for each window `rows` [window, batch],
 * `scalars` [window, 4] and `cursor` = 0; with precision f16 also `lossScale` (`FIRST_LOSS_SCALE`); in a guarded program `guard`
 * (`FIRST_GUARD`). Each run writes its mean loss to `losses[cursor]`.
 */
export function trainingProgram(model: Autoencoder, options: TrainingProgramOptions): Program {
  const builder = new ProgramBuilder("training step");
  const cursor = builder.buffer("cursor", "u32", [1]);
  const { batch } = batchOps(builder, model, options, cursor);
  const lossScale = batch.type === "f16" ? builder.buffer(LOSS_SCALE, "f32", [2]) : undefined;
  const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
  const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
  const total = builder.table("losses", "f32", options.window, [1], cursor);
  const scale = 1 / (options.batch * model.inputSize);
  const scalars = builder.table("scalars", "f32", options.window, [UPDATE_SCALARS], cursor);
  const { loss, rule, clip, guarded = false } = options;
  const gradient = { loss, scale, batch, parameters, gradients, total, lossScale };
  if (options.byLayer && clip === undefined && !lossScale && !guarded) {
    gradientOps(builder, model, {
      ...gradient,
      onLayer: layerUpdate(builder, model, { rule, parameters, gradients, scalars }),
    });
  } else {
    gradientOps(builder, model, gradient);
    const guard = guarded ? { state: builder.buffer(GUARD, "f32", [2]), loss: total } : undefined;
    updateOps(builder, { rule, clip, parameters, gradients, scalars, lossScale, guard });
  }
  return builder.advance(cursor).build();
}

/** The views and the loss of one gradient. */
export interface GradientOptions {
  readonly loss: Loss;
  /** The factor on the summed loss, and so on every gradient. 1 / (elements of the whole batch) gives the mean. */
  readonly scale: number;
  /** Its type is the precision of the forward and the backward pass. */
  readonly batch: View;
  readonly parameters: View;
  readonly gradients: View;
  readonly total: View;
  /** Its first element is a further factor on the gradients. */
  readonly lossScale?: View;
  /** Called when the ops so far compute the gradient of a layer, and no later op reads the layer's parameters. */
  readonly onLayer?: (layer: Dense) => void;
}

/** Adds the forward pass and the loss of one batch, and the backward pass derived from them. They fill `gradients` and `total`. */
export function gradientOps(builder: ProgramBuilder, model: Autoencoder, options: GradientOptions): void {
  const { loss, scale, batch, gradients, total, lossScale, onLayer } = options;
  const layers = [...model.layers];
  const last = layers[layers.length - 1];
  // The loss bce includes the sigmoid, so the last layer gives logits.
  if (loss === "bce") layers[layers.length - 1] = { ...last, activation: "linear" };
  const parameters = layerParameters(builder, options.parameters, batch.type as Float);
  // The loss subtracts two close numbers. The 8 significant bits of a bfloat16 are too few for that.
  const lastType = batch.type === "bf16" ? "f32" : batch.type;
  const output = forward(builder, layers, model.layout, parameters, batch, lastType);
  builder.loss({ loss, input: output, target: batch, scale, total });
  const tensors = layers.flatMap((layer) => [
    { layer, name: `${layer.name}.weight`, vector: parameters.weights },
    { layer, name: `${layer.name}.bias`, vector: parameters.biases },
  ]);
  const missing = new Map(layers.map((layer) => [layer, 2]));
  differentiate(builder, {
    of: total,
    by: tensors.map(({ name, vector }) => ({
      view: model.layout.view(vector, name),
      into: model.layout.view(gradients, name),
    })),
    scale: lossScale && slice(lossScale, 0, 1, 1),
    // A pipeline cuts the program between layers by the names of buffers, so each gradient has a buffer of its own.
    reuse: false,
    onGradient(tensor) {
      const { layer } = tensors[tensor];
      const left = (missing.get(layer) ?? 0) - 1;
      missing.set(layer, left);
      if (left === 0) onLayer?.(layer);
    },
  });
}

/** The parameters as the layers read them: unchanged, or the weights rounded to the narrower type `precision`. */
function layerParameters(builder: ProgramBuilder, parameters: View, precision: Float): LayerParameters {
  if (precision === "f32") return { weights: parameters, biases: parameters };
  const weights = builder.buffer("weights", precision, [parameters.columns]);
  builder.copy({ input: parameters, out: weights });
  return { weights, biases: parameters };
}

/** The views and the rule of one update. */
export interface UpdateOptions {
  readonly rule: UpdateRule;
  readonly clip?: number;
  readonly parameters: View;
  readonly gradients: View;
  readonly scalars: View;
  /** The state of the loss scale, where the gradients are those of a scaled loss. */
  readonly lossScale?: View;
  /** The state of a guard, and the loss that it checks beside the gradients. */
  readonly guard?: { readonly state: View; readonly loss: View };
}

/**
 * Adds the optimizer's update over the whole flat vector. Where the options ask for them it also adds the loss scale, clipping by
 * global norm, and a guard.
 */
export function updateOps(builder: ProgramBuilder, options: UpdateOptions): void {
  const { rule, parameters, gradients, scalars } = options;
  const state = stateBuffers(rule).map((name) => builder.buffer(name, "f32", [parameters.columns]));
  builder.update({ rule, parameters, gradients, state, scalars, ...factorOps(builder, options) });
}

/** Returns a function that adds the update of one layer: of the range of its weight and bias in the flat vector, gaps included. */
function layerUpdate(
  builder: ProgramBuilder,
  { layout }: Autoencoder,
  { rule, parameters, gradients, scalars }: Pick<UpdateOptions, "rule" | "parameters" | "gradients" | "scalars">,
): (layer: Dense) => void {
  const state = stateBuffers(rule).map((name) => builder.buffer(name, "f32", [parameters.columns]));
  return ({ name }) => {
    const { offset, end } = layout.stretch([`${name}.weight`, `${name}.bias`]);
    const part = (vector: View): View => slice(vector, offset, 1, end - offset);
    builder.update({ rule, parameters: part(parameters), gradients: part(gradients), state: state.map(part), scalars });
  };
}

/** Adds the ops that compute the factor on the gradients and the gate of the update, as far as the options ask for them. */
function factorOps(
  builder: ProgramBuilder,
  { clip, gradients, lossScale, guard }: UpdateOptions,
): { readonly gradientScale?: View; readonly gate?: View } {
  if (clip === undefined && !lossScale && !guard) return {};
  const norm = builder.buffer("gradientNorm", "f32", [1]);
  builder.norm({ input: gradients, out: norm });
  const gradientScale = clip === undefined && !lossScale ? undefined : builder.buffer("gradientScale", "f32", [1]);
  if (gradientScale && lossScale) {
    builder.lossScale({ norm, state: lossScale, maximum: clip, interval: LOSS_SCALE_INTERVAL, out: gradientScale });
  } else if (gradientScale && clip !== undefined) {
    builder.clipFactor({ norm, maximum: clip, out: gradientScale });
  }
  if (!guard) return { gradientScale };
  const gate = builder.buffer("gate", "f32", [1]);
  builder.guard({ norm, ...guard, out: gate });
  return { gradientScale, gate };
}

/** Adds the gather that builds a batch, [batch, input size], from the rows that the table names. */
function batchOps(
  builder: ProgramBuilder,
  model: Autoencoder,
  {
    source,
    batch,
    window,
    precision = "f32",
  }: Pick<TrainingProgramOptions, "source" | "batch" | "window" | "precision">,
  cursor: View,
) {
  const data = builder.buffer("source", source.type, [source.count, model.inputSize]);
  const rows = builder.table("rows", "u32", window, [batch], cursor);
  const out = builder.buffer("batch", precision, [batch, model.inputSize]);
  builder.gather({ source: data, rows, scale: source.scale, out });
  return { batch: out };
}
