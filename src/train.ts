/**
 * The whole way in one call: find the data, open a device, train, measure, write the report. It is made of public parts
 * and holds no knowledge of its own; whoever needs another order takes those.
 */
import { join } from "node:path";
import { openCheckpoint } from "./checkpoint/open.js";
import type { Dataset } from "./data/dataset.js";
import { type LoadOptions, loadDataset } from "./data/load.js";
import type { Device, DeviceInfo } from "./device/device.js";
import { type OpenOptions, openDevice } from "./device/open.js";
import { UsageError } from "./error.js";
import type { Program } from "./program/program.js";
import { writeReport } from "./report/run-report.js";
import { parseConfig, type TrainingOptions } from "./training/config.js";
import type { Observer } from "./training/event.js";
import { measureRun, type RunMeasures } from "./training/measures.js";
import { type RunResult, run } from "./training/run.js";
import { fromCheckpoint } from "./training/snapshot.js";
import { TrainedAutoencoder } from "./training/trained.js";
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
   * seconds, and to use what was found earlier. Default true. Either way the same bits come out.
   */
  readonly tune?: boolean;
  /** Folder to look in first for a data set given by name. */
  readonly data?: string;
  /** Folder of the run; by default a new one under `runs/`. */
  readonly out?: string;
  /** Go on with the run in `out`. */
  readonly resume?: boolean;
  /** Ends the run early, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  readonly onDownload?: LoadOptions["onProgress"];
  readonly onTuning?: TuningObserver;
  /** Told once the data and the device are there, before training. */
  readonly onReady?: (dataset: Dataset, device: DeviceInfo, out: string) => void;
  readonly world?: World;
}

/** A finished run, and the autoencoder it has trained, ready for use. */
export interface TrainResult extends RunResult {
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
export async function train(config: TrainingOptions = {}, place: TrainPlace = {}): Promise<TrainResult> {
  const world = place.world ?? nodeWorld();
  if (place.resume && place.out === undefined) {
    throw new UsageError("resume needs to know which run: give its folder with out (--out)");
  }
  const wanted = place.resume && place.out ? await savedConfig(world, place.out) : parseConfig(config);
  const { dataset: name, limit, seed } = wanted;
  const out = place.out ?? newFolder(world, name);
  const dataset = await loadDataset(name, { world, data: place.data, limit, seed, onProgress: place.onDownload });
  const { device, own, tuner } = await openPlace(world, place);
  let autoencoder: TrainedAutoencoder | undefined;
  const close = (): void => {
    autoencoder?.destroy();
    own?.destroy();
  };
  try {
    place.onReady?.(dataset, device.info, out);
    const { resume, signal, observer } = place;
    const tune = tuner && ((program: Program) => tuner.tune(program, { signal }));
    // A run on digits that stood in for another data set is a run on digits: resumed, it must find the same images.
    const given = dataset.notice === undefined ? config : { ...config, dataset: dataset.name };
    const result = await run({ world, device, dataset, config: given, out, resume, signal, observer, tune });
    const { model, step, parameters } = result;
    autoencoder = new TrainedAutoencoder(device, model, result.config, step, parameters);
    const measures = result.stopped ? undefined : await measureRun(device, dataset, autoencoder);
    const finished = { ...result, dataset, device: device.info, measures, autoencoder, close };
    if (measures) await writeReport(world, { ...finished, measures });
    return finished;
  } catch (error) {
    close();
    throw error;
  }
}

/** The device to train on; `own` when it was opened here. */
async function openPlace(world: World, place: TrainPlace): Promise<TunedDevice & { readonly own?: Device }> {
  const { device, adapter, threads, tune = true, onTuning } = place;
  if (typeof device === "object") return { device };
  const options = { device, adapter, threads };
  const opened = tune ? await openTunedDevice(world, options, onTuning) : { device: await openDevice(options) };
  return { ...opened, own: opened.device };
}

async function savedConfig(world: World, out: string) {
  return fromCheckpoint(await openCheckpoint(world, out)).config;
}

/** `runs/mnist-20260131-235959` */
function newFolder(world: World, dataset: string): string {
  const [date, time] = world.clock.date().toISOString().replace(/[-:]/g, "").split(/[T.]/);
  return join("runs", `${dataset.replace(/[^\w-]+/g, "-")}-${date}-${time}`);
}
