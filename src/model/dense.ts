/**
 * A dense layer, h = f(x W + b), as ops: its forward pass, one gemm with bias and activation fused. W is `[inputs, outputs]`,
 * b `[1, outputs]`, and a batch is `[batch, inputs]`: so the forward product and the weight gradient both read memory in the
 * order it lies in.
 */
import type { View } from "../program/buffer.js";
import type { Activation } from "../program/op.js";
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

export function denseTensors({ name, inputs, outputs }: Dense): Omit<Tensor, "offset">[] {
  return [
    { name: `${name}.weight`, rows: inputs, columns: outputs },
    { name: `${name}.bias`, rows: 1, columns: outputs },
  ];
}

/**
 * Adds the forward pass of a stack of layers and returns the output of the last.
 * @param input `[batch, inputs of the first layer]`
 * @param lastType of the output of the last layer
 */
export function forward(
  builder: ProgramBuilder,
  layers: readonly Dense[],
  layout: ParameterLayout,
  { weights, biases }: LayerParameters,
  input: View,
  lastType = weights.type,
): View {
  return layers.reduce((current, { name, outputs, activation }, i) => {
    const type = i === layers.length - 1 ? lastType : weights.type;
    const out = builder.buffer(`${name}.output`, type, [input.rows, outputs]);
    builder.gemm({
      a: current,
      b: layout.view(weights, `${name}.weight`),
      bias: layout.view(biases, `${name}.bias`),
      activation,
      out,
    });
    return out;
  }, input);
}
