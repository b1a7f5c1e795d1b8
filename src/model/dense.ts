/**
 * A dense layer, h = f(x W + b), forward and backward, as ops. W is `[inputs, outputs]`, b `[1, outputs]`, and a batch
 * is `[batch, inputs]`: so the forward product and the weight gradient both read memory in the order it lies in.
 *
 * Forward is one gemm with bias and activation fused. Backward, with z = x W + b and g = dL/dz, is
 *   dL/dW = x^T g,   dL/db = column sums of g,   dL/dx = g W^T,
 * and the activation derivative of the layer below is fused into that last gemm, which so yields its dL/dz.
 */
import type { View } from "../program/buffer.js";
import { type Activation, derivativeFrom } from "../program/op.js";
import type { ProgramBuilder } from "../program/program.js";
import type { ParameterLayout, Tensor } from "./layout.js";

export interface Dense {
  /** Prefix of its tensors: `encoder.0` owns `encoder.0.weight` and `encoder.0.bias`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/**
 * The flat vector of parameters as the layers read it. Activations, and gradients with respect to them, have the type of
 * the weights.
 */
export interface LayerParameters {
  readonly weights: View;
  /** Always f32. */
  readonly biases: View;
}

/** What a forward pass leaves behind for the backward pass. */
export interface ForwardTrace {
  readonly layer: Dense;
  readonly input: View;
  readonly output: View;
  /** Present when the derivative of the activation needs it. */
  readonly preActivation?: View;
}

export function denseTensors({ name, inputs, outputs }: Dense): Omit<Tensor, "offset">[] {
  return [
    { name: `${name}.weight`, rows: inputs, columns: outputs },
    { name: `${name}.bias`, rows: 1, columns: outputs },
  ];
}

/**
 * Adds the forward pass of a stack of layers and returns one trace a layer. With `training`, pre-activations are kept
 * where the backward pass needs them.
 * @param input `[batch, inputs of the first layer]`
 * @param lastType of the output of the last layer
 */
export function forward(
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
export function backward(
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
export function activationDerivative({ layer, output, preActivation }: ForwardTrace) {
  if (layer.activation === "linear") return undefined;
  return { activation: layer.activation, at: preActivation ?? output };
}
