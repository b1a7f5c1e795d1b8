/** The high level, `dawnpour`: data sets, autoencoders, training runs, and what to make of the result. */
import { openCheckpoint as open } from "./checkpoint/open.js";
import { loadDataset as load } from "./data/load.js";
import { withOptionNames } from "./option-names.js";
import { train as trainAutoencoder } from "./train.js";
import { run as runOnDevice } from "./training/run.js";

export type { Checkpoint, Json, JsonObject } from "./checkpoint/checkpoint.js";
export type { CheckpointFolder, ReadOptions, StoredCheckpoint } from "./checkpoint/read.js";
export { CheckpointStore, type StoreOptions } from "./checkpoint/store.js";
export type { ClusterTimes } from "./cluster/times.js";
export type { Bytes, Format, FormatOptions, Labels, StoredArray, StoredTable, Values } from "./data/formats/format.js";
export { formats } from "./data/formats/table.js";
export type { DataIdentity } from "./data/identity.js";
export { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
export type { LoadOptions } from "./data/load.js";
export type { Progress } from "./data/published/download.js";
export type { Device, DeviceInfo } from "./device/device.js";
export { listDevices, type OpenOptions, openDevice } from "./device/open.js";
export type { ClusterStatus, WorkerState, WorkerStatus } from "./distributed/status.js";
export * as analysis from "./faces/analysis.js";
export * as data from "./faces/data.js";
export * as definitions from "./faces/definitions.js";
export * as interchange from "./faces/interchange.js";
export * from "./faces/models.js";
export type { TrainOptions, TrainPlace } from "./request.js";
export type { TrainResult } from "./train.js";
export { parseConfig, type TrainingConfig, type TrainingOptions } from "./training/config.js";
export type { At, Observer, RunEvent } from "./training/event.js";
export {
  type MeasureOptions,
  measureRun,
  type PcaState,
  type RunErrors,
  type RunMeasures,
} from "./training/measures.js";
export { PRESETS, preset } from "./training/presets.js";
export type { RunOptions } from "./training/run.js";
export type { RunFolder } from "./training/run-folder.js";
export type { RunResult } from "./training/run-result.js";
export { TrainedAutoencoder } from "./training/trained.js";
export type { InitialWeights } from "./training/weights.js";
export type { GemmTuning, TuningEvent, TuningObserver } from "./tuning/event.js";
export { version } from "./version.js";
export type { World } from "./world/world.js";

/** As `openCheckpoint` of `checkpoint/open.ts`, with errors in the words of a program; so are those below. */
export const openCheckpoint = withOptionNames(open);
/** From a name or a path to a data set: see `data/load.ts`. */
export const loadDataset = withOptionNames(load);
/** The whole way, from data to a trained, measured autoencoder and its report: see `train.ts`. */
export const train = withOptionNames(trainAutoencoder);
/** A run on one device, on data that is there: see `training/run.ts`. */
export const run = withOptionNames(runOnDevice);
