/**
 * Autoencoders with additions: noise on what comes in (denoising), a decoder with the encoder's weights (tied), a code that is drawn from a
 * distribution (variational) or sparse. Each learns what a plain autoencoder of the same layers has, under the same names where
 * it can; what is learned is used as that plain one.
 */
import type { Autoencoder } from "../../model/autoencoder.js";
import type { Dense } from "../../model/dense.js";
import type { FlatModel } from "../../model/flat-model.js";
import { dense } from "../../model/layers/dense.js";
import { gaussianSampler } from "../../model/layers/gaussian-sampler.js";
import { gaussianNoise, maskingNoise } from "../../model/layers/noise.js";
import { sequential } from "../../model/layers/sequential.js";
import { klSparsity, l1Sparsity } from "../../model/layers/sparsity.js";
import { tiedDense } from "../../model/layers/tied-dense.js";
import { bce, mse } from "../../model/losses/losses.js";
import type { Layer } from "../../model/scope.js";
import type { TrainingConfig } from "../config/config.js";
import { parseNoise, parseSparsity } from "../config/task-words.js";

type Additions = Pick<TrainingConfig, "denoise" | "tied" | "variational" | "sparse" | "loss">;

/** Whether a configuration asks for more than a plain autoencoder. */
export const hasAdditions = ({ denoise, tied, variational, sparse }: Omit<Additions, "loss">): boolean =>
  denoise !== undefined || tied === true || weightOf(variational) !== undefined || sparse !== undefined;

/** The model of a configuration as layers, and its loss. `plain` has the sizes and the functions. */
export function autoencoderTask(
  plain: Autoencoder,
  config: Additions,
): { readonly model: Layer; readonly loss: ReturnType<typeof mse> } {
  const { denoise, tied = false, variational, sparse, loss } = config;
  const { initialiser } = plain.config;
  const divergence = weightOf(variational);
  const perRow = 1 / plain.inputSize;
  // The loss bce has the sigmoid built in, so the last layer gives logits.
  const last = plain.decoder.length - 1;
  const decoder = plain.decoder.map((layer, i) =>
    i === last && loss === "bce" ? { ...layer, activation: "linear" as const } : layer,
  );
  const layerOf = ({ name, outputs, activation }: Dense): Layer => dense(outputs, { name, activation, initialiser });
  const encoder = plain.encoder.map(layerOf);
  const [code] = plain.bottleneck;
  const bottleneck =
    divergence === undefined ? layerOf(code) : gaussianSampler(code.outputs, { weight: divergence * perRow });
  const way = [...encoder, bottleneck];
  const back = decoder.map((layer, i) =>
    tied ? tiedDense(way[way.length - 1 - i], { name: layer.name, activation: layer.activation }) : layerOf(layer),
  );
  const model = sequential([
    ...(denoise === undefined ? [] : [noiseOf(denoise)]),
    ...way,
    ...(sparse === undefined ? [] : [sparsityOf(sparse, perRow)]),
    ...back,
  ]);
  return { model, loss: loss === "bce" ? bce() : mse() };
}

/** The weight of the divergence, relative to the error of a row; undefined for what is not variational. */
function weightOf(variational: Additions["variational"]): number | undefined {
  if (variational === undefined || variational === false) return undefined;
  return variational === true ? 1 : variational;
}

function noiseOf(text: string): Layer {
  const { kind, amount } = parseNoise(text);
  return kind === "mask" ? maskingNoise(amount) : gaussianNoise(amount);
}

/** Weights are relative to the error of a row, summed over its values; the loss is the mean over values. */
function sparsityOf(text: string, perRow: number): Layer {
  const { kind, target, weight } = parseSparsity(text);
  return kind === "kl" ? klSparsity(target, weight * perRow) : l1Sparsity(weight * perRow);
}

/** The flat vector of the plain autoencoder that does what was learned. */
export function plainParameters(plain: Autoencoder, { layout }: FlatModel, learned: Float32Array): Float32Array {
  const vector = new Float32Array(plain.layout.length);
  const has = new Set(layout.tensors.map(({ name }) => name));
  const mirrored = new Map(
    plain.decoder.map(({ name }, i) => [
      `${name}.weight`,
      `${[...plain.encoder, ...plain.bottleneck].at(-1 - i)?.name}.weight`,
    ]),
  );
  for (const { name, rows, columns } of plain.layout.tensors) {
    const out = plain.layout.part(vector, name);
    const source = mirrored.get(name);
    if (has.has(name)) out.set(layout.part(learned, name));
    else if (name.startsWith("bottleneck.0.")) out.set(layout.part(learned, name.replace("bottleneck.0", CODE_MEAN)));
    else if (source !== undefined) transpose(layout.part(learned, source), rows, columns, out);
  }
  return vector;
}

/** Of the layer that gives the mean of a code which is drawn. */
const CODE_MEAN = "gaussianSampler.mean";

/** @param rows and columns of `out` */
function transpose(values: Float32Array, rows: number, columns: number, out: Float32Array): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[i * columns + j] = values[j * rows + i];
  }
}
