/**
 * The arguments of a call of `train`, checked before data and devices are opened: everything that is wrong without them is
 * refused here.
 */
import type { NamedTensor } from "./checkpoint/safetensors.js";
import { readWeights } from "./checkpoint/weights-file.js";
import type { Dataset } from "./data/dataset.js";
import { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
import type { LoadOptions } from "./data/load.js";
import { parseShape } from "./data/shape.js";
import { ArithmeticError } from "./device/cpu/arithmetic.js";
import { checkPlaces } from "./distributed/check-places.js";
import { checkServedFaults, checkStrategy } from "./distributed/check-strategy.js";
import { checkElastic, type RunWorkers } from "./distributed/elastic.js";
import { refuseInNode } from "./distributed/in-node.js";
import type { MachinePlace } from "./distributed/machines/leadership.js";
import type { StrikeNow } from "./distributed/options.js";
import type { ClusterStatus } from "./distributed/status/status.js";
import { UsageError } from "./error.js";
import { type Keys, refuseUnknownKeys } from "./option-keys.js";
import { withArithmetic } from "./placement/arithmetic.js";
import type { WorkerPlace } from "./placement/placement.js";
import { leastOf } from "./placement/worker-count.js";
import { type DevicePlace, failuresOf, placesOf, withParts } from "./places.js";
import {
  checkOptions,
  checkRules,
  filled,
  type TrainingConfig,
  type TrainingOptions,
} from "./training/config/config.js";
import type { Observer } from "./training/event.js";
import type { MeasureOptions } from "./training/measures.js";
import type { AskFolder } from "./training/run-folder/last-checkpoint.js";
import { resumedConfig } from "./training/run-folder/resumed-config.js";
import { RunFolder } from "./training/run-folder/run-folder.js";
import { openSavedRun, type SavedRun } from "./training/run-folder/snapshot.js";
import { checkStages, checkTask } from "./training/task/check-task.js";
import { loadModelFactory, type ModelFactory } from "./training/task/own-model.js";
import type { RateSweep } from "./training/task/rate-sweep.js";
import type { InitialWeights } from "./training/weights.js";
import type { World } from "./world/world.js";

/** Where a run happens, and its callbacks. Nothing of this changes the result, except that the kind of device may change last bits. */
export interface TrainPlace extends DevicePlace {
  /** @internal The machines of the run, and the devices of its workers there. */
  readonly machines?: MachinePlace;
  /** Called several times a second with the state of the workers. */
  readonly onStatus?: (status: ClusterStatus) => unknown;
  /** Called once the workers are started, where their number may change: with it workers join and leave. */
  readonly onWorkers?: (workers: RunWorkers) => unknown;
  /** Called when the workers are started, with a function by which faults strike: see `StrikeNow`. Only with workers. */
  readonly onFaults?: (strike: StrikeNow) => unknown;
  /** Folder that holds the data set given by name. Default: looked for in DAWNPOUR_DATA and the user cache, then downloaded. */
  readonly data?: string;
  /** Whether generated digits may replace MNIST if it can be neither found nor downloaded. Default: if no data set was named. */
  readonly substitute?: boolean;
  /** Folder of the run; by default a new one under `runs/`. */
  readonly out?: string;
  /** Go on with the run in `out`. */
  readonly resume?: boolean;
  /** Whether to go on even if the data is not that of the run so far. */
  readonly otherData?: boolean;
  /** Ends the run early, with a checkpoint and a report. */
  readonly signal?: AbortSignal;
  /**
   * Whether a step that makes a NaN or an infinity ends the run with the name of the op that made it first. It changes no bit, and costs
   * a copy of the state for each window of steps. Only on one device. Default: false.
   */
  readonly checkFinite?: boolean;
  /** Whether to measure the result and to write a report. Default: true. */
  readonly measures?: boolean;
  /** Whether to compare the result with PCA, which takes a minute at most. Default: true. */
  readonly pca?: boolean;
  /** Called when PCA begins, and when it ends. */
  readonly onPca?: MeasureOptions["onPca"];
  readonly observer?: Observer;
  /** Called when the last checkpoint cannot be written after several tries. Returns another folder, or undefined to give up. */
  readonly askFolder?: AskFolder;
  /** Whether to find the learning rate before the run, by a range test. The report has its curve. Default: false. */
  readonly findLr?: boolean;
  /** Called with the learning rate that was found. */
  readonly onRates?: (found: RateSweep) => unknown;
  /** The command line of the run, for its record. */
  readonly command?: string;
  /** Whether to write the curves for TensorBoard, too, to the folder of the run. Default: false. */
  readonly tensorboard?: boolean;
  readonly onDownload?: LoadOptions["onProgress"];
  /** Called before training, once the data and the device are open. The configuration has the defaults that follow from the data. */
  readonly onReady?: (dataset: Dataset, devices: readonly string[], out: string, config: TrainingConfig) => unknown;
  readonly world?: World;
}

const PLACE_KEYS: Keys<TrainPlace> = {
  device: true,
  adapter: true,
  threads: true,
  tune: true,
  workers: true,
  devices: true,
  pipeline: true,
  servers: true,
  faults: true,
  chaos: true,
  times: true,
  link: true,
  machines: true,
  onStatus: true,
  onWorkers: true,
  onFaults: true,
  data: true,
  substitute: true,
  out: true,
  resume: true,
  otherData: true,
  signal: true,
  checkFinite: true,
  measures: true,
  pca: true,
  onPca: true,
  observer: true,
  askFolder: true,
  findLr: true,
  onRates: true,
  command: true,
  tensorboard: true,
  onDownload: true,
  onTuning: true,
  onReady: true,
  world: true,
};

/** What to train: a configuration, in which the data set may be data instead of a name. */
export interface TrainOptions extends Omit<TrainingOptions, "dataset" | "initial"> {
  /** The name or path of a data set, or the data itself. Default: `mnist`. */
  readonly dataset?: string | Dataset | RowsInMemory;
  /** Weights to begin with: a safetensors file, a run, or tensors. Default: random ones, by the initialiser. */
  readonly initial?: string | readonly NamedTensor[];
}

/** A checked request: only its data and its devices can still be wrong. */
export interface TrainRequest {
  /** The configuration as given, with the number of parts for its workers. */
  readonly config: TrainingOptions;
  /** The configuration with defaults; for a resumed run, that of the run. */
  readonly wanted: TrainingConfig;
  readonly saved?: SavedRun;
  /** The data, if it was given instead of a name. */
  readonly data?: Dataset;
  readonly initial?: InitialWeights;
  /** The places of the workers, if there are workers. */
  readonly places?: readonly WorkerPlace[];
  /** What the module of the configuration's model exports. */
  readonly own?: ModelFactory;
  readonly failures?: Awaited<ReturnType<typeof failuresOf>>;
  /** Whether it has parameter servers. */
  readonly isServed: boolean;
}

/** @throws UsageError for a request that is wrong whatever its data and its devices are */
export async function checkRequest(world: World, options: TrainOptions, place: TrainPlace): Promise<TrainRequest> {
  refuseInNode();
  refuseUnknownKeys(place, PLACE_KEYS, "place");
  const { resume, pipeline, servers, out } = place;
  if (resume && out === undefined) {
    throw new UsageError("resume needs to know which run: give its folder with out (--out)");
  }
  const saved = resume && out ? await openSavedRun(world, out) : undefined;
  const { config: asked, data, tensors } = withoutData(options, saved?.config.layers ?? options.layers);
  const config = checkOptions(asked);
  // With few rows the batch may be smaller than the one in the configuration.
  const wanted = saved ? resumedConfig(saved.config, { ...config, batch: undefined }) : filled(config);
  if (!saved) {
    checkRules(config);
    checkTask(config);
  }
  checkStages(wanted, pipeline ?? false);
  if (place.findLr) checkFindLr(config, resume);
  const own = await loadModelFactory(wanted.model);
  if (wanted.shape !== undefined) parseShape(wanted.shape);
  const places = place.machines
    ? place.machines.places.map((one) => withArithmetic(one, wanted.arithmetic))
    : await orWayOut(place, placesOf(place, wanted));
  const given = places ? withParts(config, places, resume) : config;
  const whole = saved ? wanted : filled(given);
  const { isServed } = await checkStrategy(whole, { pipeline, servers });
  const least = leastOf(place.workers);
  if (places) checkPlaces(whole, { places, least, pipeline, resume, isServed });
  if (places && place.checkFinite) {
    throw new UsageError(
      "checkFinite (--check-finite) watches the steps of one device: leave out the workers (--workers, --devices, --parts, --pipeline), or checkFinite",
    );
  }
  if (!places && place.onFaults) throw new UsageError(NO_VICTIMS);
  if (!places && servers !== undefined) {
    throw new UsageError(
      `servers ${servers} (--reduce servers:${servers}) serve workers, and the run has none: add workers (--workers 2)`,
    );
  }
  const scope = { workers: places?.length ?? 0, servers: isServed ? (servers ?? 1) : 0 };
  const failures = places && (await failuresOf(world, place, scope));
  if (isServed) checkServedFaults(failures ?? {});
  checkElastic(least, { ...failures, onWorkers: place.onWorkers });
  if (out !== undefined && !resume) await RunFolder.check(world, out);
  const initial = resume ? undefined : await initialWeights(world, wanted.initial, tensors);
  return { config: given, wanted, saved, data, initial, places, own, failures, isServed };
}

const NO_VICTIMS =
  "faults by hand (--allow-faults) need workers: give workers or devices (--workers, --devices), or leave them out";

/** @throws UsageError where the learning rate is known already */
function checkFindLr({ lr }: TrainingOptions, resume = false): void {
  if (resume) throw new UsageError("a resumed run keeps its learning rate: leave findLr (--find-lr) out");
  if (lr === undefined) return;
  throw new UsageError(`findLr (--find-lr) finds the learning rate, and lr ${lr} is given: leave one of them out`);
}

/** The configuration, in which data and weights have names, and the data and weights that were given instead of names. */
function withoutData({ dataset, initial, ...rest }: TrainOptions, layers?: readonly number[]) {
  const named = dataset === undefined || typeof dataset === "string";
  const data = named ? undefined : datasetInMemory(dataset, layers?.[0]);
  const tensors = typeof initial === "object" ? initial : undefined;
  const names = { dataset: data?.name ?? (dataset as string), initial: tensors ? "memory" : (initial as string) };
  return { config: { ...rest, ...names } satisfies TrainingOptions, data, tensors };
}

/** The weights that a new run begins with, if any were asked for. */
async function initialWeights(world: World, source?: string, tensors?: readonly NamedTensor[]) {
  if (source === undefined) return undefined;
  return { source, tensors: tensors ?? (await readWeights(world, source)) };
}

/** A resumed run keeps its arithmetic. If its devices do not have that arithmetic, the user must choose another one. */
export async function orWayOut<T>({ resume }: TrainPlace, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!resume || !(error instanceof ArithmeticError)) throw error;
    throw new UsageError(
      `cannot resume with the same bits: ${error.message}; to go on with other last bits, add --arithmetic auto`,
      { cause: error },
    );
  }
}
