/**
 * A trained autoencoder as the tensors of a PyTorch module with two `nn.Sequential`, encoder and decoder, in which an
 * activation follows every `nn.Linear`: `encoder.0.weight` [outputs, inputs], `encoder.0.bias`, `encoder.2.weight`, ...
 */
import { type NamedTensor, transposed } from "../checkpoint/tensor.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { Dense } from "../model/dense.js";

/**
 * The tensors of the module, named as its `state_dict` names them.
 * @param parameters the flat vector of `model`
 * @example
 * ```ts
 * import { Autoencoder, interchange } from "dawnpour";
 *
 * const linear = { activation: "linear", codeActivation: "linear", outputActivation: "linear" } as const;
 * const model = new Autoencoder({ layers: [4, 2], ...linear, initialiser: "glorot" });
 * const tensors = interchange.torchTensors(model, model.initialParameters(0));
 * console.log(tensors.map(({ name, shape }) => `${name} ${shape.join(" x ")}`).slice(0, 2).join(", ")); // encoder.0.weight 2 x 4, encoder.0.bias 2
 * ```
 */
export function torchTensors(model: Autoencoder, parameters: Float32Array): NamedTensor[] {
  const tensors = (sequence: string, layers: readonly Dense[]): NamedTensor[] =>
    layers.flatMap(({ name, inputs, outputs }, i): NamedTensor[] => {
      const weight = transposed(model.layout.part(parameters, `${name}.weight`), inputs, outputs);
      return [
        { name: `${sequence}.${2 * i}.weight`, dtype: "F32", shape: [outputs, inputs], data: weight },
        {
          name: `${sequence}.${2 * i}.bias`,
          dtype: "F32",
          shape: [outputs],
          data: model.layout.part(parameters, `${name}.bias`),
        },
      ];
    });
  return [...tensors("encoder", [...model.encoder, ...model.bottleneck]), ...tensors("decoder", model.decoder)];
}
