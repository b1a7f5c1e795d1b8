/**
 * The whole way in one call: find the data, open a device, train, measure, write the report. It is made of public parts
 * and holds no knowledge of its own; whoever needs another order takes those.
 */
import { join } from "node:path";
import { openCheckpoint } from "./checkpoint/open.js";
import type { NamedTensor } from "./checkpoint/safetensors.js";
import { readWeights } from "./checkpoint/weights-file.js";
import { type Dataset, limitDataset, scaleDataset } from "./data/dataset.js";
import { datasetInMemory, type RowsInMemory } from "./data/in-memory.js";
import { type LoadOptions, loadDataset } from "./data/load.js";
import { usableCores } from "./device/cpu/cores.js";
import type { Device, DeviceInfo } from "./device/device.js";
import { listGpus } from "./device/gpu.js";
import { type OpenOptions, openDevice } from "./device/open.js";
import { parseChaos } from "./distributed/chaos.js";
import { parseDevices } from "./distributed/parse-devices.js";
import { parseFaults, readFaults } from "./distributed/parse-faults.js";
import { placeWorkers, type WorkerPlace } from "./distributed/placement.js";
import { runDistributed } from "./distributed/run.js";
import type { ClusterStatus } from "./distributed/status.js";
import { type ClusterTimes, resolveTimes } from "./distributed/times.js";
import { UsageError } from "./error.js";
import { type Keys, refuseUnknownKeys } from "./option-keys.js";
import { writeReport } from "./report/run-report.js";
import { TensorBoard } from "./report/tensorboard.js";
import { parseConfig, type TrainingConfig, type TrainingOptions } from "./training/config.js";
import type { Observer, RunPlace } from "./training/event.js";
import { measureRun, type RunMeasures } from "./training/measures.js";
import { type RunResult, run } from "./training/run.js";
import { modelFromCheckpoint } from "./training/snapshot.js";
import { TrainedAutoencoder } from "./training/trained.js";
import { recordedData } from "./training/trained-on.js";
import type { TuningObserver } from "./tuning/event.js";
import { openTunedDevice, type TunedDevice } from "./tuning/open.js";
import { nodeWorld } from "./world/node-world.js";
import type { World } from "./world/world.js";

/** Where a run happens and who watches: nothing here changes what is trained, but the kind of device may its last bits. */
export interface TrainPlace extends Omit<OpenOptions, "device" | "planGemm"> {
  /** An open device, or which one to open; by default a hardware GPU, else the CPU. */
  readonly device?: Device | OpenOptions["device"];
  /**
   * Whether to tune a WebGPU device that this run opens: to race its kernels for what it has not met before, at most 15
   * seconds, and to use what was found earlier; workers do only the latter. Default true. Either way the same bits come out.
   */
  readonly tune?: boolean;
  /**
   * Train on so many workers, each in a process of its own. They share the shards of every batch (`config.shards`, by default
   * as many as there are workers), so the result does not depend on their number.
   */
  readonly workers?: number;
  /** The devices of the workers, as on the command line: `cpu*2,8f6ab5a0`. */
  readonly devices?: string;
  /**
   * Split the model over the devices instead: encoder, bottleneck and decoder each on one of its own, with the shards of
   * every batch as micro-batches on their way through. The result is that of workers with as many shards.
   */
  readonly pipeline?: boolean;
  /** What is to fail, and when, or a file that says so: `kill worker-1 at step 200; lose device-0 at 30s`. */
  readonly faults?: string;
  /** Random faults, as on the command line: `mtbf=30s`. */
  readonly chaos?: string;
  readonly times?: Partial<ClusterTimes>;
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
  /** Ends the run early, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  /** How the run was asked for, for its record: a command line. */
  readonly command?: string;
  /** Write the curves for TensorBoard, too, into the folder of the run. Default: false. */
  readonly tensorboard?: boolean;
  readonly onDownload?: LoadOptions["onProgress"];
  readonly onTuning?: TuningObserver;
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
  observer: true,
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
  /** Absent when the run was stopped early. */
  readonly measures?: RunMeasures;
  readonly autoencoder: TrainedAutoencoder;
  /** Frees the autoencoder, and the device if this run opened it. */
  close(): void;
}

/**
 * Trains an autoencoder as `config` says. Afterwards `out` holds config.json, metrics.jsonl, checkpoints/ and, unless
 * the run was stopped early, report.html.
 */
export async function train(options: TrainOptions = {}, place: TrainPlace = {}): Promise<TrainResult> {
  refuseUnknownKeys(place, PLACE_KEYS, "place");
  const world = place.world ?? nodeWorld();
  if (place.resume && place.out === undefined) {
    throw new UsageError("resume needs to know which run: give its folder with out (--out)");
  }
  const saved = place.resume && place.out ? await savedRun(world, place.out) : undefined;
  const { config, data, tensors } = withoutData(options, saved?.config.layers ?? options.layers);
  const wanted = saved?.config ?? parseConfig(config);
  const { limit, seed, shape } = wanted;
  // Other data may be stored in another way than that of the run.
  const { scale, label } = place.otherData ? config : wanted;
  const places = await placesOf(place, wanted);
  const failures = places && (await failuresOf(world, place, places.length));
  const substitute = !place.resume && (place.substitute ?? config.dataset === undefined);
  const rows = { limit, scale, shape, label };
  const images = { world, data: place.data, ...rows, seed, substitute, onProgress: place.onDownload };
  const dataset = data
    ? limitDataset(scaleDataset(data, scale ?? data.train.scale), limit ?? Number.POSITIVE_INFINITY)
    : await loadDataset(config.dataset ?? recordedData(wanted.dataset, saved?.data), images);
  const out = place.out ?? newFolder(world, dataset.name);
  const { device, own, tuner } = await openPlace(world, places ? { ...place, ...measuringDevice(places) } : place);
  let autoencoder: TrainedAutoencoder | undefined;
  const close = (): void => {
    autoencoder?.destroy();
    own?.destroy();
  };
  try {
    await place.onReady?.(dataset, places?.map(({ describe }) => describe) ?? [device.info.name], out);
    const { resume, otherData, signal, pipeline, tune, times, onStatus } = place;
    const initial = resume ? undefined : await initialWeights(world, wanted.initial, tensors);
    const record = recordOf(place, places, device.info);
    const board = place.tensorboard ? new TensorBoard(world, out) : undefined;
    const observer: Observer = (event) => {
      board?.observe(event);
      return place.observer?.(event);
    };
    const task = { world, dataset, out, initial, resume, otherData, signal, observer, place: record };
    const result = places
      ? await runDistributed({
          ...task,
          config: sharded(config, places, resume),
          places,
          pipeline,
          tune,
          times,
          onStatus,
          ...failures,
        })
      : await run({ ...task, device, config, tune: tuner && ((program) => tuner.tune(program, { signal })) });
    const { model, step, parameters } = result;
    // Curves that could not be written cost a warning, not the run.
    await board?.close().catch(({ message }: Error) => {
      const epoch = (step * result.config.batch) / dataset.train.count;
      place.observer?.({ event: "warning", step, epoch, time: result.seconds, message });
    });
    autoencoder = new TrainedAutoencoder(device, model, result.config, step, parameters);
    const measures = result.stopped ? undefined : await measureRun(device, dataset, autoencoder);
    const finished = { ...result, dataset, device: device.info, measures, autoencoder, ...closing(close) };
    if (measures) await writeReport(world, { ...finished, measures });
    return finished;
  } catch (error) {
    close();
    throw error;
  }
}

/** By a call, or at the end of a block. */
function closing(close: () => void) {
  return { close, [Symbol.dispose]: close, [Symbol.asyncDispose]: async () => close() };
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

/** Where the workers of a run are; undefined for a run without any. */
async function placesOf(
  place: TrainPlace,
  { shards, layers }: Pick<TrainingConfig, "shards" | "layers">,
): Promise<WorkerPlace[] | undefined> {
  const { devices, workers = devices === undefined && shards > 1 ? 1 : undefined } = place;
  if (!place.pipeline && devices === undefined && workers === undefined) {
    if (place.faults || place.chaos) throw new UsageError("faults need workers to befall: give --workers or --devices");
    if (Object.values(place.times ?? {}).some((time) => time !== undefined)) {
      throw new UsageError("the times of workers need workers: give --workers or --devices, or leave them out");
    }
    return undefined;
  }
  checkOneDevice(place);
  if (place.pipeline) return stagePlaces(place, layers?.length === 2 ? 2 : 3);
  const present = { cores: usableCores(), gpus: await listGpus() };
  return placeWorkers({ workers, devices: devices === undefined ? undefined : parseDevices(devices) }, present);
}

/** What says where a run on one device happens says nothing to workers. */
function checkOneDevice({ device = "auto", adapter, threads }: TrainPlace): void {
  const given = Object.entries({ device: device === "auto" ? undefined : device, adapter, threads });
  const [first] = given.filter(([, value]) => value !== undefined);
  if (first) throw new UsageError(`--${first[0]} is for a run on one device: name those of the workers with --devices`);
}

/** Where the stages of a pipeline are: they share the devices, if these are fewer. */
async function stagePlaces({ devices, workers }: TrainPlace, stages: number): Promise<WorkerPlace[]> {
  if (workers !== undefined) {
    throw new UsageError(
      `a pipeline has a stage for each component of the model, not ${workers} workers: leave --workers out, and name --devices`,
    );
  }
  const present = { cores: usableCores(), gpus: await listGpus() };
  if (devices === undefined) return placeWorkers({ workers: stages }, present);
  const named = placeWorkers({ devices: parseDevices(devices) }, present);
  if (named.length > stages) {
    throw new UsageError(`${named.length} devices for the ${stages} stages of this model: name at most ${stages}`);
  }
  return placeWorkers({ workers: stages, devices: parseDevices(devices) }, present);
}

async function failuresOf(world: World, { faults, chaos }: TrainPlace, workers: number) {
  return {
    faults: faults === undefined ? undefined : parseFaults(await readFaults(world, faults), { workers }),
    chaos: chaos === undefined ? undefined : parseChaos(chaos),
  };
}

/** A new run without a number of shards has one for each worker. */
function sharded(config: TrainingOptions, places: readonly WorkerPlace[], resume = false): TrainingOptions {
  return resume || config.shards !== undefined ? config : { ...config, shards: places.length };
}

/** What measures the result of workers: the device of the first, unless only its own process sees that. */
function measuringDevice([{ open, environment }]: readonly WorkerPlace[]): OpenOptions {
  return environment === undefined && open.device !== "cpu" ? open : { device: "cpu" };
}

/** The device to train on; `own` when it was opened here. */
async function openPlace(world: World, place: TrainPlace): Promise<TunedDevice & { readonly own?: Device }> {
  const { device, adapter, threads, tune = true, onTuning } = place;
  if (typeof device === "object") return { device };
  const options = { device, adapter, threads };
  const opened = tune ? await openTunedDevice(world, options, onTuning) : { device: await openDevice(options) };
  return { ...opened, own: opened.device };
}

async function savedRun(world: World, out: string) {
  const checkpoint = await openCheckpoint(world, out, { optimizer: false });
  return { config: modelFromCheckpoint(checkpoint).config, data: checkpoint.data };
}

/** `runs/mnist-20260131-235959` */
function newFolder(world: World, dataset: string): string {
  const [date, time] = world.clock.date().toISOString().replace(/[-:]/g, "").split(/[T.]/);
  return join("runs", `${dataset.replace(/[^\w-]+/g, "-")}-${date}-${time}`);
}
