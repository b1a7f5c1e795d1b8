/** The high level, `dawnpour`: data sets, autoencoders, training runs, and what to make of the result. */
import { openCheckpoint as open } from "./checkpoint/open.js";
import { loadDataset as load } from "./data/load.js";
import { withOptionNames } from "./option-names.js";
import { train as trainAutoencoder } from "./train.js";
import { run as runOnDevice } from "./training/run.js";

export { areaUnderRoc, quantile } from "./analysis/anomaly.js";
export { type Covariance, computeCovariance } from "./analysis/covariance.js";
export type { DenseMatrix } from "./analysis/matrix.js";
export { computePca, type Pca, pcaError, pcaOf } from "./analysis/pca.js";
export { principalAngles } from "./analysis/principal-angles.js";
export { type PrincipalAxes, principalAxes } from "./analysis/principal-axes.js";
export type { ReconstructionError } from "./analysis/reconstruction-error.js";
export { readSafetensors, writeSafetensors } from "./checkpoint/safetensors-file.js";
export { CheckpointStore } from "./checkpoint/store.js";
export type { NamedTensor, Tensor, TensorType } from "./checkpoint/tensor.js";
export type { ClusterTimes } from "./cluster/times.js";
export { type Dataset, limitDataset, type Split, sliceSplit } from "./data/dataset.js";
export type { Bytes, Format, FormatOptions, StoredArray, StoredTable, Values } from "./data/formats/format.js";
export { formats } from "./data/formats/table.js";
export { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
export type { LoadOptions } from "./data/load.js";
export { Sampler } from "./data/sampler.js";
export type { Device, DeviceInfo } from "./device/device.js";
export { listDevices, type OpenOptions, openDevice } from "./device/open.js";
export type { ClusterStatus, WorkerState, WorkerStatus } from "./distributed/status.js";
export { DataError, DawnpourError, UsageError } from "./error.js";
export { encodeOnnx } from "./export/onnx.js";
export { torchTensors } from "./export/pytorch.js";
export { Autoencoder, type AutoencoderConfig } from "./model/autoencoder.js";
export { INITIALISERS, type Initialiser, initialisers } from "./model/initialiser.js";
export { defineInitialiser, type InitialiserDefinition } from "./model/initialiser-definition.js";
export { gradientOps, trainingProgram, updateOps } from "./model/lower.js";
export { defaultOptimizer, OPTIMIZERS, type OptimizerConfig, updateRule, writeScalars } from "./optimizer/optimizer.js";
export { DEFAULT_SCHEDULE, rateFactor, SCHEDULES, type Schedule, schedules } from "./optimizer/schedule.js";
export { defineSchedule, type ScheduleDefinition } from "./optimizer/schedule-definition.js";
export {
  ACTIVATIONS,
  type Activation,
  type ActivationDefinition,
  activations,
  defineActivation,
  defineLoss,
  LOSSES,
  type Loss,
  type LossDefinition,
  losses,
  type RuleDefinition,
  updateRules,
} from "./program/op.js";
export type { TrainOptions, TrainPlace } from "./request.js";
export type { TrainResult } from "./train.js";
export { parseConfig, type TrainingConfig, type TrainingOptions } from "./training/config.js";
export type { Observer, RunEvent } from "./training/event.js";
export { measureRun, type RunErrors, type RunMeasures } from "./training/measures.js";
export { PRESETS, preset } from "./training/presets.js";
export type { RunOptions } from "./training/run.js";
export type { RunResult } from "./training/run-result.js";
export { TrainedAutoencoder } from "./training/trained.js";
export { Trainer, type TrainerOptions, type TrainerState } from "./training/trainer.js";
export type { GemmTuning, TuningEvent, TuningObserver } from "./tuning/event.js";
export { version } from "./version.js";
export { nodeWorld } from "./world/node/world.js";
export { Random } from "./world/random.js";
export type { World } from "./world/world.js";

/** As `openCheckpoint` of `checkpoint/open.ts`, with errors in the words of a program; so are those below. */
export const openCheckpoint = withOptionNames(open);
/** From a name or a path to a data set: see `data/load.ts`. */
export const loadDataset = withOptionNames(load);
/** The whole way, from data to a trained, measured autoencoder and its report: see `train.ts`. */
export const train = withOptionNames(trainAutoencoder);
/** A run on one device, on data that is there: see `training/run.ts`. */
export const run = withOptionNames(runOnDevice);
