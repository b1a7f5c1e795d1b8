/**
 * Converts between a trainer's flat vectors and a checkpoint's named tensors: `encoder.0.weight` [inputs, outputs], and
 * for each slot of the optimizer's state the same names with the slot before them: `first.encoder.0.weight`. A run in
 * mixed precision has its loss scale, `lossScale` [2], as well.
 */
import type { Checkpoint, JsonObject } from "../../checkpoint/checkpoint.js";
import { tensorsSha256 } from "../../checkpoint/digest.js";
import { modelTensors, tensorShape } from "../../checkpoint/model-tensors.js";
import { openCheckpoint } from "../../checkpoint/open.js";
import type { StoredCheckpoint } from "../../checkpoint/read.js";
import type { NamedTensor } from "../../checkpoint/safetensors.js";
import type { DataIdentity } from "../../data/identity.js";
import { DataError, DawnpourError, UsageError } from "../../error.js";
import { LOSS_SCALE, stateBuffers } from "../../model/lower.js";
import type { Network } from "../../model/network.js";
import { chainState } from "../../optimizer/chain-ops.js";
import { updateRule } from "../../optimizer/optimizer.js";
import type { World } from "../../world/world.js";
import { divergenceAdvice } from "../config/advice.js";
import { parseConfig, type TrainingConfig } from "../config/config.js";
import { modelFromConfig, optimizerFromConfig } from "../from-config.js";
import { loadModelFactory, type ModelFactory } from "../task/own-model.js";
import { isAutoencoder, taskOf } from "../task/task.js";
import type { TrainerState } from "../trainer.js";

/** @throws DawnpourError when a parameter is not finite: such a state is not worth keeping */
export function toCheckpoint(
  model: Network,
  config: TrainingConfig,
  state: TrainerState,
  images: number,
  data?: DataIdentity,
): Checkpoint {
  const bad = state.parameters.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DawnpourError(
      `parameter ${bad} is ${state.parameters[bad]} at step ${state.step}: training diverged; ${divergenceAdvice(config)}`,
    );
  }
  return {
    step: state.step,
    epoch: (state.step * config.batch) / images,
    seeds: { run: config.seed },
    configuration: { ...config, ...layersOf(model) } as unknown as JsonObject,
    ...(data && { data }),
    architecture: model.name,
    parameters: modelTensors(model, state.parameters),
    optimizer: Object.entries(state.optimizer).flatMap(([slot, vector]) =>
      slot === LOSS_SCALE ? [lossScaleTensor(vector)] : modelTensors(model, vector, `${slotName(slot)}.`),
    ),
  };
}

const layersOf = ({ config: { layers } }: Network) => layers && { layers: [...layers] };

/** The configuration of a checkpoint. @throws DataError when it was not written by training */
export function configFromCheckpoint(checkpoint: StoredCheckpoint): TrainingConfig {
  const where = checkpoint.path;
  const config = parseConfig(checkpoint.configuration, where);
  if (!config.layers && !config.rowFacts) {
    throw new DataError(`${where}: its configuration names no layers; it was not written by training`);
  }
  return config;
}

/**
 * The configuration, the autoencoder and its parameters of a checkpoint: all that using it needs.
 * @throws UsageError when what was trained is no autoencoder
 */
export function modelFromCheckpoint(checkpoint: StoredCheckpoint) {
  const where = checkpoint.path;
  const config = configFromCheckpoint(checkpoint);
  if (!isAutoencoder(config)) {
    throw new UsageError(
      `${where} is no autoencoder, but ${config.model === undefined ? `of task ${config.task}` : "a model of a module"}: it can be evaluated (dawnpour evaluate), resumed, and read as safetensors`,
    );
  }
  const { task, parameters } = networkFromCheckpoint(checkpoint);
  const model = modelFromConfig(config, config.layers?.[0] ?? 0);
  return { config, model, parameters: task?.plain ? task.plain.parameters(parameters) : parameters };
}

/**
 * The configuration, the network and its parameters of a checkpoint of any kind.
 * @param own what the module of its model exports
 */
export function networkFromCheckpoint(checkpoint: StoredCheckpoint, own?: ModelFactory) {
  const where = checkpoint.path;
  const config = configFromCheckpoint(checkpoint);
  const features = config.rowFacts?.features ?? config.layers?.[0] ?? 0;
  const task = taskOf(config, features, own);
  const network: Network = task?.network ?? modelFromConfig(config, features);
  return { config, task, network, parameters: join(network, checkpoint.parameters, "", where) };
}

/** As `networkFromCheckpoint`, with the state to resume from. */
export function fromCheckpoint(checkpoint: StoredCheckpoint, own?: ModelFactory) {
  const where = checkpoint.path;
  const { config, task, network, parameters } = networkFromCheckpoint(checkpoint, own);
  const optimizer: Record<string, Float32Array> = {};
  const slots = task ? chainState(task.optimizer) : slotsOf(config);
  for (const slot of config.strategy || config.compress ? storedSlots(network, checkpoint) : slots) {
    optimizer[slot] = join(network, checkpoint.optimizer, `${slotName(slot)}.`, where);
  }
  if (config.precision === "f16") optimizer[LOSS_SCALE] = lossScaleOf(checkpoint.optimizer, where);
  return { config, model: network, state: { step: checkpoint.step, parameters, optimizer } satisfies TrainerState };
}

/** A run that goes on: its newest intact checkpoint, and what that says. */
export interface SavedRun {
  readonly checkpoint: StoredCheckpoint;
  readonly config: TrainingConfig;
  readonly state: TrainerState;
}

/** @param out folder of the run. @throws DataError when it holds no checkpoint that could be resumed */
export async function openSavedRun(world: World, out: string): Promise<SavedRun> {
  const checkpoint = await openCheckpoint(world, out);
  const { model } = configFromCheckpoint(checkpoint);
  return { checkpoint, ...fromCheckpoint(checkpoint, await loadModelFactory(model)) };
}

/** The digest of all parameters, in the order of the layout and without its gaps: the same as in a manifest. */
export function parametersSha256(model: Network, parameters: Float32Array): string {
  return tensorsSha256(modelTensors(model, parameters));
}

/** The state of the optimizer. */
const slotsOf = (config: TrainingConfig): string[] => stateBuffers(updateRule(optimizerFromConfig(config)));

/** The state of a strategy, as it is stored. */
function storedSlots({ layout }: Network, { optimizer }: StoredCheckpoint): string[] {
  const end = `.${layout.tensors[0].name}`;
  const prefixes = optimizer.filter(({ name }) => name.endsWith(end)).map(({ name }) => name.slice(0, -end.length));
  return prefixes.map((prefix) => `state.${prefix}`);
}

/** `state.first` is the buffer, `first` the name in the file. */
const slotName = (buffer: string): string => buffer.replace(/^state\./, "");

function lossScaleTensor(data: Float32Array): NamedTensor {
  return { name: LOSS_SCALE, dtype: "F32", shape: [data.length], data };
}

function lossScaleOf(tensors: readonly NamedTensor[], where: string): Float32Array {
  const data = tensors.find(({ name }) => name === LOSS_SCALE)?.data;
  if (!(data instanceof Float32Array) || data.length !== 2 || !(data[0] > 0)) {
    throw new DataError(`${where}: a run of precision f16 needs its ${LOSS_SCALE}, F32 [2] and above 0: it is damaged`);
  }
  return data;
}

function join(model: Network, tensors: readonly NamedTensor[], prefix: string, where: string): Float32Array {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const vector = new Float32Array(model.layout.length);
  for (const { name, rows, columns } of model.layout.tensors) {
    const tensor = byName.get(prefix + name);
    const shape = tensorShape(name, rows, columns);
    // The shape and not only the number of values: a transposed weight has as many.
    if (!(tensor?.data instanceof Float32Array) || String(tensor.shape) !== String(shape)) {
      const found = tensor ? `${tensor.dtype} [${tensor.shape.join(", ")}]` : "nothing";
      throw new DataError(
        `${where}: tensor ${prefix}${name} of a ${model.name} model must be F32 [${shape.join(", ")}], found ${found}: it is a checkpoint of another architecture`,
      );
    }
    model.layout.part(vector, name).set(tensor.data);
  }
  return vector;
}
