/**
 * Weights of another run or program. Either they have the names and layout of a checkpoint, `encoder.0.weight` [inputs,
 * outputs]; or any names, and the layout of PyTorch's `nn.Linear`, [outputs, inputs].
 *
 * Foreign names are taken in this order: those with `enc` in them first, those with `dec` last, and within each group
 * by their parts, numbers by value: `encoder.2.weight` before `encoder.10.weight`. The shapes must then fit, one after
 * the other.
 */
import { describeTensor, type NamedTensor, toFloat32, transposed } from "../checkpoint/tensor.js";
import { DataError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { Dense } from "../model/dense.js";
import type { Network } from "../model/network.js";

/** Weights to begin a run with. */
export interface InitialWeights {
  readonly tensors: readonly NamedTensor[];
  /** Names them in errors: a file. */
  readonly source: string;
}

/** The tensors of one layer; a layer may have no bias. */
interface LayerTensors {
  readonly weight: NamedTensor;
  readonly bias?: NamedTensor;
}

/**
 * The flat vector of `model` with the weights of `tensors`.
 *
 * @param source names them in errors
 * @throws DataError unless every tensor has a place and its shape, and every layer a weight
 * @example
 * ```ts
 * import { Autoencoder, interchange } from "dawnpour";
 *
 * const linear = { activation: "linear", codeActivation: "linear", outputActivation: "linear" } as const;
 * const model = new Autoencoder({ layers: [4, 2], ...linear, initialiser: "glorot" });
 * const ofPyTorch = interchange.torchTensors(model, model.initialParameters(7));
 * const parameters = interchange.weightsFrom(model, ofPyTorch, "module.safetensors");
 * console.log(parameters.join() === model.initialParameters(7).join()); // true
 * ```
 */
export function weightsFrom(model: Autoencoder, tensors: readonly NamedTensor[], source: string): Float32Array {
  refuseTied(model, tensors, source);
  const ours = isOurs(model, tensors);
  const layers = ours ? ourLayers(model, tensors) : foreignLayers(tensors, source);
  if (layers.length !== model.layers.length) {
    throw new DataError(
      `${source} has ${layers.length} weight matrices, the ${model.name} network ${model.layers.length}: give the layers of these matrices (${contents(tensors)})`,
    );
  }
  const vector = new Float32Array(model.layout.length);
  for (const [i, layer] of model.layers.entries()) put(model, vector, layer, layers[i], ours, source);
  return vector;
}

/**
 * The flat vector of a network with the weights of a checkpoint of the same network. What has no tensor there begins as it does
 * without weights: a layer on top of what was trained before.
 * @throws DataError when a tensor has another shape, or none of them has a place
 */
export function networkWeights(
  { layout, name: network, initialParameters }: Network,
  seed: number,
  { tensors, source }: InitialWeights,
): Float32Array {
  const vector = initialParameters(seed);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const known = layout.tensors.filter(({ name }) => byName.has(name));
  if (known.length === 0) {
    throw new DataError(
      `${source}: none of its tensors is one of ${network}, such as ${layout.tensors[0].name}: give weights of the same network (${contents(tensors)})`,
    );
  }
  for (const { name, rows, columns } of known) {
    const tensor = byName.get(name) as NamedTensor;
    const where = `${source}: tensor ${name}`;
    const values = toFloat32(tensor, where);
    if (values.length !== rows * columns || (tensor.shape.length === 2 && tensor.shape[0] !== rows)) {
      throw new DataError(`${where} is ${describeTensor(tensor)}, and ${network} takes [${rows}, ${columns}] there`);
    }
    layout.part(vector, name).set(values);
  }
  return vector;
}

/** The checkpoint of a tied run has our biases of the decoder, and no weights of it. */
function refuseTied({ encoder, decoder }: Autoencoder, tensors: readonly NamedTensor[], source: string): void {
  const names = new Set(tensors.map(({ name }) => name));
  const isTied =
    encoder.every(({ name }) => names.has(`${name}.weight`)) &&
    decoder.every(({ name }) => names.has(`${name}.bias`) && !names.has(`${name}.weight`));
  if (!isTied) return;
  throw new DataError(
    `${source} is of a tied run, whose decoder has the weights of the encoder, transposed, and only biases of its own: train with tied (--tied), too`,
  );
}

/**
 * Whether names and layout are those of a checkpoint. With its names, the layout may still be that of PyTorch in all
 * tensors.
 */
function isOurs({ layers }: Autoencoder, tensors: readonly NamedTensor[]): boolean {
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape.join()]));
  if (!layers.every(({ name }) => shapes.has(`${name}.weight`))) return false;
  const square = layers.every(({ inputs, outputs }) => inputs === outputs);
  return (
    square || !layers.every(({ name, inputs, outputs }) => shapes.get(`${name}.weight`) === `${outputs},${inputs}`)
  );
}

function ourLayers({ layers }: Autoencoder, tensors: readonly NamedTensor[]): LayerTensors[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return layers.map(({ name }) => ({
    weight: byName.get(`${name}.weight`) as NamedTensor,
    bias: byName.get(`${name}.bias`),
  }));
}

function foreignLayers(tensors: readonly NamedTensor[], source: string): LayerTensors[] {
  const sorted = tensors.toSorted((a, b) => compareNames(a.name, b.name));
  const biases = new Map(sorted.filter(({ shape }) => shape.length === 1).map((bias) => [stemOf(bias.name), bias]));
  const layers = sorted
    .filter(({ shape }) => shape.length === 2)
    .map((weight) => ({ weight, bias: biases.get(stemOf(weight.name)) }));
  const used = new Set(layers.flatMap(({ weight, bias }) => [weight, bias]));
  const left = sorted.find((tensor) => !used.has(tensor));
  if (left) {
    throw new DataError(
      `${source}: tensor ${left.name}, ${describeTensor(left)}, has no place in a dense autoencoder, whose layers have a weight matrix and a bias: take it out of the file`,
    );
  }
  return layers;
}

/** `encoder.0` of `encoder.0.weight` and `encoder.0.bias`, also of `encoder.0.kernel`. */
const stemOf = (name: string): string => name.replace(/[._/]?[^._/]*$/, "");

function compareNames(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || a.localeCompare(b, "en", { numeric: true });
}

function rankOf(name: string): number {
  if (/dec/i.test(name)) return 2;
  return /enc/i.test(name) ? 0 : 1;
}

function put(
  { layout }: Autoencoder,
  vector: Float32Array,
  { name, inputs, outputs }: Dense,
  { weight, bias }: LayerTensors,
  ours: boolean,
  source: string,
): void {
  const where = (tensor: NamedTensor): string => `${source}: tensor ${tensor.name}`;
  const [rows, columns] = ours ? [inputs, outputs] : [outputs, inputs];
  if (weight.shape.length !== 2 || weight.shape[0] !== rows || weight.shape[1] !== columns) {
    throw new DataError(
      `${where(weight)} is ${describeTensor(weight)}, layer ${name} takes [${rows}, ${columns}] (${ours ? "inputs, outputs" : "outputs, inputs, as in PyTorch"}): give the layers of this tensor's network, or transpose the tensor`,
    );
  }
  const values = toFloat32(weight, where(weight));
  layout.part(vector, `${name}.weight`).set(ours ? values : transposed(values, rows, columns));
  if (!bias) return;
  if (bias.shape.length !== 1 || bias.shape[0] !== outputs) {
    throw new DataError(`${where(bias)} is ${describeTensor(bias)}, layer ${name} takes [${outputs}]`);
  }
  layout.part(vector, `${name}.bias`).set(toFloat32(bias, where(bias)));
}

/** The first few tensors, for errors. */
function contents(tensors: readonly NamedTensor[]): string {
  const first = tensors.slice(0, 3).map((tensor) => `${tensor.name} ${describeTensor(tensor)}`.slice(0, 80));
  return `it has ${first.join(", ") || "no tensors"}${tensors.length > 3 ? `, and ${tensors.length - 3} more` : ""}`;
}
