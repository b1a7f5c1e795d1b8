/** A model's flat vector as named tensors, without its gaps: `encoder.0.weight` [inputs, outputs], `encoder.0.bias` [outputs]. */
import type { Autoencoder } from "../model/autoencoder.js";
import type { NamedTensor } from "./tensor.js";

/**
 * The tensors that `encodeSafetensors` writes, and a checkpoint holds.
 * @param vector of the model's layout; the tensors share its memory
 * @param prefix of every name
 * @example
 * ```ts
 * import { Autoencoder, interchange } from "dawnpour";
 *
 * const model = new Autoencoder({
 *   ...{ layers: [784, 8], activation: "relu", codeActivation: "linear", outputActivation: "sigmoid" },
 *   initialiser: "glorot",
 * });
 * const tensors = interchange.modelTensors(model, model.initialParameters(0));
 * console.log(tensors[0].name, tensors[0].shape.join(" x ")); // bottleneck.0.weight 784 x 8
 * ```
 */
export function modelTensors(
  { layout }: Pick<Autoencoder, "layout">,
  vector: Float32Array,
  prefix = "",
): (NamedTensor & { readonly data: Float32Array })[] {
  return layout.tensors.map(({ name, rows, columns }) => ({
    name: prefix + name,
    dtype: "F32" as const,
    shape: tensorShape(name, rows, columns),
    data: layout.part(vector, name),
  }));
}

/** A bias is one row, and has one dimension in files. */
export function tensorShape(name: string, rows: number, columns: number): readonly number[] {
  return name.endsWith(".bias") ? [columns] : [rows, columns];
}

/**
 * The digest by which runs are compared, in hexadecimal: as `parametersSha256` of a run of `train`, made by the Web Crypto
 * of a browser, which pages have over https and from localhost.
 * @param parameters the flat vector of `model`
 */
export async function parametersDigest(model: Autoencoder, parameters: Float32Array): Promise<string> {
  const tensors = modelTensors(model, parameters);
  const whole = new Float32Array(model.layout.parameters);
  let length = 0;
  for (const { data } of tensors) {
    whole.set(data, length);
    length += data.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
