/**
 * A dense layer, h = f(x W + b), as ops. Its forward pass is one gemm, with bias and activation fused. W is `[inputs, outputs]`,
 * b is `[1, outputs]`, and a batch is `[batch, inputs]`. With these shapes both the forward product and the weight gradient read
 * memory in its order.
 */
import type { View } from "../program/buffer.js";
import type { Activation } from "../program/op.js";
import type { ProgramBuilder } from "../program/program.js";
import type { ParameterLayout, Tensor } from "./layout.js";

/** The sizes and the function of a dense layer. */
export interface Dense {
  /** Prefix of the names of its tensors: `encoder.0` has `encoder.0.weight` and `encoder.0.bias`. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/**
 * The flat vector of parameters as the layers read it. Activations and their gradients have the type of the weights.
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
 * @param lastType the type of the last layer's output
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
