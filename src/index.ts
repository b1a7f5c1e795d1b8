/** The high level, `dawnpour`: data sets, autoencoders, training runs, and the use of the result. */
import { openCheckpoint as open } from "./checkpoint/open.js";
import { loadDataset as load } from "./data/load.js";
import { withOptionNames } from "./option-names.js";
import { train as trainAutoencoder } from "./train.js";
import { run as runOnDevice } from "./training/run.js";

export type { Checkpoint, Json, JsonObject } from "./checkpoint/checkpoint.js";
export type { CheckpointFolder, ReadOptions, StoredCheckpoint } from "./checkpoint/read.js";
export { CheckpointStore, type StoreOptions } from "./checkpoint/store.js";
export type { ClusterTimes } from "./cluster/times.js";
export type {
  Bytes,
  Format,
  FormatOptions,
  Labels,
  StoredArray,
  StoredTable,
  TableColumns,
  Values,
} from "./data/formats/format.js";
export { formats } from "./data/formats/table.js";
export type { DataIdentity } from "./data/identity.js";
export { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
export type { LoadOptions } from "./data/load.js";
export type { Progress } from "./data/published/download.js";
export type { Device, DeviceInfo } from "./device/device.js";
export { listDevices, type OpenOptions, openDevice } from "./device/open.js";
export type { StrikeNow } from "./distributed/options.js";
export type { ClusterStatus, ProcessStatus, WorkerState, WorkerStatus } from "./distributed/status/status.js";
export * as analysis from "./faces/analysis.js";
export * as data from "./faces/data.js";
export * as definitions from "./faces/definitions.js";
export * as interchange from "./faces/interchange.js";
export * as layers from "./faces/layers.js";
export * as losses from "./faces/losses.js";
export * from "./faces/models.js";
export * as optimizers from "./faces/optimizers.js";
export * as schedules from "./faces/schedules.js";
export type { Network } from "./model/network.js";
export type { TrainOptions, TrainPlace } from "./request.js";
export type { ModelTrainOptions, ModelTrainResult, TrainResult } from "./train.js";
export { parseConfig, type TrainingConfig, type TrainingOptions } from "./training/config/config.js";
export { PRESETS, preset } from "./training/config/presets.js";
export type { At, Observer, PrivacyBound, RunEvent } from "./training/event.js";
export { type FindRateOptions, findRate } from "./training/find-rate.js";
export type { Fit, FitResult } from "./training/fit/fit.js";
export type { FitData } from "./training/fit/fit-data.js";
export type { FitEpoch, FitEvent } from "./training/fit/fit-event.js";
export { fit } from "./training/fit/fit-in-node.js";
export type { EarlyStopping, FitOptions } from "./training/fit/fit-options.js";
export type { FittedModel, ModelVectors } from "./training/fit/fitted-model.js";
export type { ModelMetrics } from "./training/fit/model-evaluation.js";
export {
  type MeasureOptions,
  measureRun,
  type PcaState,
  type RunErrors,
  type RunMeasures,
} from "./training/measures.js";
export type { Confusion, ModelMeasures } from "./training/model-measures.js";
export type { RunFolder } from "./training/run-folder/run-folder.js";
export type { RunOptions } from "./training/run-options.js";
export type { RunResult } from "./training/run-result.js";
export type { ModelFactory, OwnModel, RowFacts } from "./training/task/own-model.js";
export type { RateSweep } from "./training/task/rate-sweep.js";
export { TrainedAutoencoder } from "./training/trained.js";
export { TrainedModel } from "./training/trained-model.js";
export type { InitialWeights } from "./training/weights.js";
export type { GemmTuning, TuningEvent, TuningObserver } from "./tuning/event.js";
export { version } from "./version.js";
export type { World } from "./world/world.js";

/**
 * Reads a checkpoint: of a folder of checkpoints or of a run, the newest intact one.
 * @throws DataError when there is none, or it is damaged
 * @example
 * ```ts
 * import { openCheckpoint, train } from "dawnpour";
 * import { nodeWorld } from "dawnpour/actors";
 *
 * const small = { dataset: "digits:100", layers: [784, 4], batch: 50, steps: 4 };
 * (await train(small, { device: "cpu", out: "runs/saved", pca: false })).close();
 * const { step, parameters } = await openCheckpoint(nodeWorld(), "runs/saved");
 * console.log(step, parameters[0].name, parameters[0].shape.join(" x ")); // 4 bottleneck.0.weight 784 x 4
 * ```
 */
export const openCheckpoint = withOptionNames(open);
/**
 * Loads `mnist`, `fashion-mnist`, `digits` or `digits:N`, or the file or folder at a path, as rows of values and their labels.
 * @throws UsageError when the name is neither known nor there
 * @throws DataError when the data is missing, damaged, empty or contradicts itself
 * @example
 * ```ts
 * import { loadDataset } from "dawnpour";
 *
 * const { train, test } = await loadDataset("digits:60"); // or "mnist", or the path of a file or folder
 * console.log(train.count, test.count, train.features); // 60 10 784
 * ```
 */
export const loadDataset = withOptionNames(load);
/**
 * Trains an autoencoder, on one device or on workers, and measures it. Afterwards its folder has config.json, metrics.jsonl,
 * checkpoints/ and report.html.
 * @throws UsageError for options that cannot be, before a device is opened
 * @throws DataError for data that cannot be trained on
 * @throws NoDeviceError where there is no such device
 * @example
 * ```ts
 * import { train } from "dawnpour";
 *
 * await using run = await train(
 *   { dataset: "digits:300", layers: [784, 32, 8], batch: 50, steps: 20 },
 *   { device: "cpu", out: "runs/first", pca: false },
 * );
 * console.log(run.step, run.folder.path); // 20 runs/first
 * const codes = await run.autoencoder.encode(run.dataset.test);
 * console.log(codes.length / run.dataset.test.count); // 8
 * ```
 */
export const train = withOptionNames(trainAutoencoder);
/**
 * Trains on one open device, on data that is loaded: `train` without its measures and its report.
 * @throws UsageError for options that cannot be
 * @throws DataError when `out` is of other data, or holds nothing to resume
 * @example
 * ```ts
 * import { data, openDevice, run } from "dawnpour";
 * import { nodeWorld } from "dawnpour/actors";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const dataset = data.digitsDataset({ count: 300 });
 * const config = { layers: [784, 32, 8], batch: 100, steps: 6 };
 * const result = await run({ world: nodeWorld(), device, dataset, config, out: "runs/one-device" });
 * console.log(result.step, result.parameters.length >= result.model.layout.parameters); // 6 true
 * ```
 */
export const run = withOptionNames(runOnDevice);
