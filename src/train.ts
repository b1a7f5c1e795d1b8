/**
 * The whole way in one call: find the data, open a device, train, measure, write the report. It uses public parts only;
 * a program that needs another order calls these parts.
 */
import type { NamedTensor } from "./checkpoint/safetensors.js";
import { readWeights } from "./checkpoint/weights-file.js";
import { resolveTimes } from "./cluster/times.js";
import { type Dataset, limitDataset, scaleDataset } from "./data/dataset.js";
import { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
import { type LoadOptions, loadDataset } from "./data/load.js";
import { ArithmeticError } from "./device/cpu/arithmetic.js";
import type { DeviceInfo } from "./device/device.js";
import { checkPlaces } from "./distributed/check-places.js";
import { runPlanDistributed } from "./distributed/run.js";
import type { ClusterStatus } from "./distributed/status.js";
import { UsageError } from "./error.js";
import { type Keys, refuseUnknownKeys } from "./option-keys.js";
import type { WorkerPlace } from "./placement/placement.js";
import { type DevicePlace, failuresOf, measuringPlace, openPlace, placesOf, withParts } from "./places.js";
import { writeReport } from "./report/run-report.js";
import { loadStrategy } from "./strategies/registry.js";
import { checkOptions, checkRules, filled, type TrainingOptions } from "./training/config.js";
import type { Observer, RunPlace } from "./training/event.js";
import type { AskFolder } from "./training/last-checkpoint.js";
import { type MeasureOptions, measureRun, type RunMeasures } from "./training/measures.js";
import { newFolder, removeEmpty } from "./training/new-folder.js";
import { planRun } from "./training/plan.js";
import { runPlan } from "./training/run.js";
import type { RunResult } from "./training/run-result.js";
import { openSavedRun } from "./training/snapshot.js";
import { SYNCHRONOUS } from "./training/strategy-choice.js";
import { TrainedAutoencoder } from "./training/trained.js";
import { recordedData } from "./training/trained-on.js";
import { nodeWorld } from "./world/node/world.js";
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
  /** Told once the data and the device are there, before training. */
  readonly onReady?: (dataset: Dataset, devices: readonly string[], out: string) => unknown;
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

/** A finished run, and the autoencoder it has trained, ready for use. */
export interface TrainResult extends RunResult, Disposable, AsyncDisposable {
  readonly dataset: Dataset;
  readonly device: DeviceInfo;
  /** Absent when they were not asked for; those of a run that was stopped early are without PCA. */
  readonly measures?: RunMeasures;
  readonly autoencoder: TrainedAutoencoder;
  /** Frees the autoencoder, and the device if this run opened it. */
  close(): void;
}

/**
 * Trains an autoencoder as `config` says. Afterwards `out` holds config.json, metrics.jsonl, checkpoints/ and report.html.
 * What can be refused is refused before a device is opened.
 */
export async function train(options: TrainOptions = {}, place: TrainPlace = {}): Promise<TrainResult> {
  refuseUnknownKeys(place, PLACE_KEYS, "place");
  const world = place.world ?? nodeWorld();
  if (place.resume && place.out === undefined) {
    throw new UsageError("resume needs to know which run: give its folder with out (--out)");
  }
  const saved = place.resume && place.out ? await openSavedRun(world, place.out) : undefined;
  const { config: asked, data, tensors } = withoutData(options, saved?.config.layers ?? options.layers);
  const config = await checked(asked);
  const wanted = saved?.config ?? filled(config);
  const { limit, seed, shape } = wanted;
  // Other data may be stored in another way than that of the run.
  const { scale, label } = place.otherData ? config : wanted;
  const arithmetic = config.arithmetic ?? wanted.arithmetic;
  const places = await orWayOut(place, placesOf(place, { ...wanted, arithmetic }));
  const failures = places && (await failuresOf(world, place, places.length));
  const substitute = !place.resume && (place.substitute ?? config.dataset === undefined);
  const source = { world, data: place.data, substitute, onProgress: place.onDownload };
  const images = { ...source, limit, scale, shape, label, seed };
  const dataset = data
    ? limitDataset(scaleDataset(data, scale ?? data.train.scale), limit ?? Number.POSITIVE_INFINITY)
    : await loadDataset(config.dataset ?? recordedData(wanted.dataset, saved?.checkpoint.data), images);
  const { resume, otherData, pipeline } = place;
  const given = places ? withParts(config, places, resume) : config;
  const initial = resume ? undefined : await initialWeights(world, wanted.initial, tensors);
  const plan = planRun({ config: given, dataset, initial, saved, otherData, pipeline });
  if (places) checkPlaces(plan.config, { ...place, places });
  const { device, own, tuner } = await orWayOut(
    place,
    openPlace(world, places ? measuringPlace(places, place) : place, arithmetic),
  );
  let autoencoder: TrainedAutoencoder | undefined;
  const close = (): void => {
    autoencoder?.destroy();
    own?.destroy();
  };
  const out = place.out ?? (await newFolder(world, dataset.name));
  try {
    await place.onReady?.(dataset, places?.map(({ describe }) => describe) ?? [device.info.name], out);
    const { signal, askFolder, tune, times, onStatus } = place;
    const record = recordOf(place, places, device.info);
    const board = place.tensorboard ? await openTensorBoard(world, out) : undefined;
    const observer: Observer = (event) => {
      board?.observe(event);
      return place.observer?.(event);
    };
    const task = { world, out, signal, observer, askFolder, place: record };
    const result = places
      ? await runPlanDistributed(plan, { ...task, ...failures, places, pipeline, tune, times, onStatus })
      : await runPlan(plan, { ...task, device, tune: tuner && ((program) => tuner.tune(program, { signal })) });
    const { model, step, parameters } = result;
    // Curves that could not be written cost a warning, not the run.
    await board?.close().catch(({ message }: Error) => {
      const epoch = (step * result.config.batch) / dataset.train.count;
      place.observer?.({ event: "warning", step, epoch, time: result.seconds, message });
    });
    autoencoder = new TrainedAutoencoder(device, model, result.config, step, parameters);
    const pca = place.pca !== false && !result.stopped;
    const measuring: MeasureOptions = { pca, signal, timers: world.timers, onPca: place.onPca };
    const measures = place.measures === false ? undefined : await measureRun(device, dataset, autoencoder, measuring);
    const finished = { ...result, dataset, device: device.info, measures, autoencoder, ...closing(close) };
    if (measures) await writeReport(world, { ...finished, measures });
    return finished;
  } catch (error) {
    close();
    if (place.out === undefined) await removeEmpty(world, out);
    throw error;
  }
}

/** What writes its files is loaded where they are asked for. */
async function openTensorBoard(world: World, out: string) {
  const { TensorBoard } = await import("./report/tensorboard.js");
  return new TensorBoard(world, out);
}

/** By a call, or at the end of a block. */
function closing(close: () => void) {
  return { close, [Symbol.dispose]: close, [Symbol.asyncDispose]: async () => close() };
}

/** A resumed run multiplies as it did before: where its devices cannot, it is for the user to say how it goes on. */
async function orWayOut<T>({ resume }: TrainPlace, opening: Promise<T>): Promise<T> {
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

/** What is written down of where a run takes place. */
function recordOf(place: TrainPlace, places: readonly WorkerPlace[] | undefined, info: DeviceInfo): RunPlace {
  const { command, faults, chaos, pipeline } = place;
  if (!places) return { command, kind: "device", devices: [info.name] };
  const devices = places.map(({ describe }) => describe);
  const times = { ...resolveTimes(place.times) };
  return { command, kind: pipeline ? "pipeline" : "workers", devices, faults, chaos, times };
}

/** @throws UsageError for what no data can make right */
async function checked(asked: TrainingOptions): Promise<TrainingOptions> {
  const config = checkOptions(asked);
  checkRules(config);
  await loadStrategy(config.strategy ?? SYNCHRONOUS);
  return config;
}
