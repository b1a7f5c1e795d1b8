/**
 * What a call of `train` asks for, checked as far as that goes without data and devices: what is wrong is refused before either
 * is opened.
 */
import type { NamedTensor } from "./checkpoint/safetensors.js";
import { readWeights } from "./checkpoint/weights-file.js";
import type { Dataset } from "./data/dataset.js";
import { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
import type { LoadOptions } from "./data/load.js";
import { parseShape } from "./data/shape.js";
import { ArithmeticError } from "./device/cpu/arithmetic.js";
import { checkPlaces } from "./distributed/check-places.js";
import { checkStrategy } from "./distributed/check-strategy.js";
import { refuseInNode } from "./distributed/in-node.js";
import type { ClusterStatus } from "./distributed/status.js";
import { UsageError } from "./error.js";
import { type Keys, refuseUnknownKeys } from "./option-keys.js";
import type { WorkerPlace } from "./placement/placement.js";
import { type DevicePlace, failuresOf, placesOf, withParts } from "./places.js";
import { checkOptions, checkRules, filled, type TrainingConfig, type TrainingOptions } from "./training/config.js";
import type { Observer } from "./training/event.js";
import type { AskFolder } from "./training/last-checkpoint.js";
import type { MeasureOptions } from "./training/measures.js";
import { resumedConfig } from "./training/resumed-config.js";
import { RunFolder } from "./training/run-folder.js";
import { openSavedRun, type SavedRun } from "./training/snapshot.js";
import type { InitialWeights } from "./training/weights.js";
import type { World } from "./world/world.js";

/** Where a run happens, and its callbacks: nothing here changes what is trained, but the kind of device may change last bits. */
export interface TrainPlace extends DevicePlace {
  /** Told several times a second what workers do. */
  readonly onStatus?: (status: ClusterStatus) => unknown;
  /** Folder that holds the data set given by name. Default: looked for in DAWNPOUR_DATA and the user cache, then downloaded. */
  readonly data?: string;
  /** Whether generated digits may stand in for MNIST where it cannot be had. Default: where no data set was named. */
  readonly substitute?: boolean;
  /** Folder of the run; by default a new one under `runs/`. */
  readonly out?: string;
  /** Go on with the run in `out`. */
  readonly resume?: boolean;
  /** Go on even if the data is not what the run was begun with. */
  readonly otherData?: boolean;
  /** Ends the run early, with a checkpoint and a report. */
  readonly signal?: AbortSignal;
  /** Whether to measure the result and to write a report. Default: true. */
  readonly measures?: boolean;
  /** Whether to compare it with PCA, which takes a minute at most. Default: true. */
  readonly pca?: boolean;
  /** Told when PCA begins, and how it ends. */
  readonly onPca?: MeasureOptions["onPca"];
  readonly observer?: Observer;
  /** Asked for another folder, when the last checkpoint cannot be written, after several tries; undefined gives up. */
  readonly askFolder?: AskFolder;
  /** How the run was asked for, for its record: a command line. */
  readonly command?: string;
  /** Write the curves for TensorBoard, too, into the folder of the run. Default: false. */
  readonly tensorboard?: boolean;
  readonly onDownload?: LoadOptions["onProgress"];
  /** Told once the data and the device are there, before training; the configuration has the defaults that follow from the data. */
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
  faults: true,
  chaos: true,
  times: true,
  onStatus: true,
  data: true,
  substitute: true,
  out: true,
  resume: true,
  otherData: true,
  signal: true,
  measures: true,
  pca: true,
  onPca: true,
  observer: true,
  askFolder: true,
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

/** A request that nothing but its data and its devices can make wrong. */
export interface TrainRequest {
  /** As it was given, with the parts of its workers. */
  readonly config: TrainingOptions;
  /** With defaults, or as the run to go on with has it. */
  readonly wanted: TrainingConfig;
  readonly saved?: SavedRun;
  /** The data, where it was given itself. */
  readonly data?: Dataset;
  readonly initial?: InitialWeights;
  /** Of the workers, where there are some. */
  readonly places?: readonly WorkerPlace[];
  readonly failures?: Awaited<ReturnType<typeof failuresOf>>;
}

/** @throws UsageError for what neither data nor devices can make right */
export async function checkRequest(world: World, options: TrainOptions, place: TrainPlace): Promise<TrainRequest> {
  refuseInNode();
  refuseUnknownKeys(place, PLACE_KEYS, "place");
  const { resume, pipeline, out } = place;
  if (resume && out === undefined) {
    throw new UsageError("resume needs to know which run: give its folder with out (--out)");
  }
  const saved = resume && out ? await openSavedRun(world, out) : undefined;
  const { config: asked, data, tensors } = withoutData(options, saved?.config.layers ?? options.layers);
  const config = checkOptions(asked);
  // A batch may be smaller than asked for where there are few rows.
  const wanted = saved ? resumedConfig(saved.config, { ...config, batch: undefined }) : filled(config);
  if (!saved) checkRules(config);
  if (wanted.shape !== undefined) parseShape(wanted.shape);
  const places = await orWayOut(place, placesOf(place, wanted));
  const given = places ? withParts(config, places, resume) : config;
  const whole = saved ? wanted : filled(given);
  await checkStrategy(whole, pipeline);
  if (places) checkPlaces(whole, { places, pipeline, resume });
  const failures = places && (await failuresOf(world, place, places.length));
  if (out !== undefined && !resume) await RunFolder.check(world, out);
  const initial = resume ? undefined : await initialWeights(world, wanted.initial, tensors);
  return { config: given, wanted, saved, data, initial, places, failures };
}

/** The configuration, in which data and weights have names, and those that were given themselves. */
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

/** A resumed run multiplies as it did before: where its devices cannot, it is for the user to say how it goes on. */
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
