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
import { DataError, DawnpourError } from "../../error.js";
import type { Autoencoder } from "../../model/autoencoder.js";
import { LOSS_SCALE, stateBuffers } from "../../model/lower.js";
import { updateRule } from "../../optimizer/optimizer.js";
import type { World } from "../../world/world.js";
import { divergenceAdvice } from "../advice.js";
import { parseConfig, type TrainingConfig } from "../config.js";
import { modelFromConfig, optimizerFromConfig } from "../from-config.js";
import type { TrainerState } from "../trainer.js";

/** @throws DawnpourError when a parameter is not finite: such a state is not worth keeping */
export function toCheckpoint(
  model: Autoencoder,
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
    configuration: { ...config, layers: [...model.config.layers] } as unknown as JsonObject,
    ...(data && { data }),
    architecture: model.name,
    parameters: modelTensors(model, state.parameters),
    optimizer: Object.entries(state.optimizer).flatMap(([slot, vector]) =>
      slot === LOSS_SCALE ? [lossScaleTensor(vector)] : modelTensors(model, vector, `${slotName(slot)}.`),
    ),
  };
}

/** The configuration, the model and the parameters of a checkpoint: all that using it needs. */
export function modelFromCheckpoint(checkpoint: StoredCheckpoint) {
  const where = checkpoint.path;
  const config = parseConfig(checkpoint.configuration, where);
  if (!config.layers)
    throw new DataError(`${where}: its configuration names no layers; it was not written by training`);
  const model = modelFromConfig(config, config.layers[0]);
  return { config, model, parameters: join(model, checkpoint.parameters, "", where) };
}

/** As `modelFromCheckpoint`, with the state to resume from. */
export function fromCheckpoint(checkpoint: StoredCheckpoint) {
  const where = checkpoint.path;
  const { config, model, parameters } = modelFromCheckpoint(checkpoint);
  const optimizer: Record<string, Float32Array> = {};
  for (const slot of config.strategy ? storedSlots(model, checkpoint) : slotsOf(config)) {
    optimizer[slot] = join(model, checkpoint.optimizer, `${slotName(slot)}.`, where);
  }
  if (config.precision === "f16") optimizer[LOSS_SCALE] = lossScaleOf(checkpoint.optimizer, where);
  return { config, model, state: { step: checkpoint.step, parameters, optimizer } satisfies TrainerState };
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
  return { checkpoint, ...fromCheckpoint(checkpoint) };
}

/** The digest of all parameters, in the order of the layout and without its gaps: the same as in a manifest. */
export function parametersSha256(model: Autoencoder, parameters: Float32Array): string {
  return tensorsSha256(modelTensors(model, parameters));
}

/** The state of the optimizer. */
const slotsOf = (config: TrainingConfig): string[] => stateBuffers(updateRule(optimizerFromConfig(config)));

/** The state of a strategy, as it is stored. */
function storedSlots({ layout }: Autoencoder, { optimizer }: StoredCheckpoint): string[] {
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

function join(model: Autoencoder, tensors: readonly NamedTensor[], prefix: string, where: string): Float32Array {
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
