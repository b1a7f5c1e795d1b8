/**
 * The gradient of a dense autoencoder, written by hand for speed: the product that computes a gradient also applies the
 * activation's derivative, and the loss also writes its gradient. The derived program must have the same ops.
 */
import type { Autoencoder } from "../../src/model/autoencoder.js";
import type { Dense, LayerParameters } from "../../src/model/dense.js";
import type { ParameterLayout } from "../../src/model/layout.js";
import type { GradientOptions } from "../../src/model/lower.js";
import { type Float, slice, type View } from "../../src/program/buffer.js";
import { derivativeFrom } from "../../src/program/op.js";
import type { ProgramBuilder } from "../../src/program/program.js";

/** The values that the forward pass keeps for the backward pass. */
interface ForwardTrace {
  readonly layer: Dense;
  readonly input: View;
  readonly output: View;
  /** Present when the derivative of the activation needs it. */
  readonly preActivation?: View;
}

/**
 * Adds the forward pass of a stack of layers and returns one trace a layer. With `training`, pre-activations are kept
 * where the backward pass needs them.
 * @param input `[batch, inputs of the first layer]`
 * @param lastType of the output of the last layer
 */
function forward(
  builder: ProgramBuilder,
  layers: readonly Dense[],
  layout: ParameterLayout,
  { weights, biases }: LayerParameters,
  input: View,
  training: boolean,
  lastType = weights.type,
): ForwardTrace[] {
  let current = input;
  return layers.map((layer, i) => {
    const shape = [input.rows, layer.outputs] as const;
    const type = i === layers.length - 1 ? lastType : weights.type;
    const output = builder.buffer(`${layer.name}.output`, type, shape);
    const keep = training && derivativeFrom(layer.activation) === "input";
    const preActivation = keep ? builder.buffer(`${layer.name}.preActivation`, type, shape) : undefined;
    builder.gemm({
      a: current,
      b: layout.view(weights, `${layer.name}.weight`),
      bias: layout.view(biases, `${layer.name}.bias`),
      activation: layer.activation,
      preActivation,
      out: output,
    });
    const trace = { layer, input: current, output, preActivation };
    current = output;
    return trace;
  });
}

/**
 * Adds the backward pass of a stack of layers: fills every gradient of the stack in the flat vector `gradients`.
 * @param gradient dL/dz of the last layer (its activation's derivative already applied), `[batch, outputs]`
 * @param onLayer is called when the gradient of a layer is there, and its parameters are read no more
 */
function backward(
  builder: ProgramBuilder,
  traces: readonly ForwardTrace[],
  layout: ParameterLayout,
  { weights }: LayerParameters,
  gradients: View,
  gradient: View,
  onLayer: (layer: Dense) => void = () => undefined,
): void {
  let current = gradient;
  for (let i = traces.length - 1; i >= 0; i--) {
    const { layer, input } = traces[i];
    builder.gemm({ a: input, b: current, transposeA: true, out: layout.view(gradients, `${layer.name}.weight`) });
    builder.sumRows({ input: current, out: layout.view(gradients, `${layer.name}.bias`) });
    if (i === 0) {
      onLayer(layer);
      return;
    }
    const below = traces[i - 1];
    const out = builder.buffer(`${below.layer.name}.gradient`, weights.type, [input.rows, input.columns]);
    builder.gemm({
      a: current,
      b: layout.view(weights, `${layer.name}.weight`),
      transposeB: true,
      derivative: activationDerivative(below),
      out,
    });
    onLayer(layer);
    current = out;
  }
}

/** Where the derivative of a layer's activation is taken; undefined for linear, whose derivative is 1. */
function activationDerivative({ layer, output, preActivation }: ForwardTrace) {
  if (layer.activation === "linear") return undefined;
  return { activation: layer.activation, at: preActivation ?? output };
}

/** Adds the forward pass, the loss and the backward pass of one batch: fills `gradients` and `total`. */
export function handTunedOps(builder: ProgramBuilder, model: Autoencoder, options: GradientOptions): void {
  const { loss, scale, batch, gradients, total, lossScale, onLayer } = options;
  const layers = [...model.layers];
  const last = layers[layers.length - 1];
  // If the sigmoid is fused into the loss, the loss takes logits.
  if (loss === "bce") layers[layers.length - 1] = { ...last, activation: "linear" };
  const parameters = layersRead(builder, options.parameters, batch.type as Float);
  // A bfloat16 has 8 bits, which are too few for the values whose differences the loss takes.
  const lastType = batch.type === "bf16" ? "f32" : batch.type;
  const traces = forward(builder, layers, model.layout, parameters, batch, true, lastType);
  const top = traces[traces.length - 1];
  const gradient = builder.buffer(`${last.name}.gradient`, batch.type, [batch.rows, batch.columns]);
  const gradientScale = lossScale && slice(lossScale, 0, 1, 1);
  builder.loss({ loss, input: top.output, target: batch, scale, total, gradient, gradientScale });
  const derivative = activationDerivative(top);
  if (derivative) builder.activationGradient({ ...derivative, gradient, out: gradient });
  backward(builder, traces, model.layout, parameters, gradients, gradient, onLayer);
}

function layersRead(builder: ProgramBuilder, parameters: View, precision: Float): LayerParameters {
  if (precision === "f32") return { weights: parameters, biases: parameters };
  const weights = builder.buffer("weights", precision, [parameters.columns]);
  builder.copy({ input: parameters, out: weights });
  return { weights, biases: parameters };
}
