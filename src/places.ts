/** Where a run happens: the devices of its workers, or its one device. */

import type { ClusterTimes } from "./cluster/times.js";
import type { Arithmetic } from "./device/cpu/arithmetic.js";
import { usableCores } from "./device/cpu/cores.js";
import { checkThreads } from "./device/cpu/cpu-options.js";
import type { Device } from "./device/device.js";
import { listGpus } from "./device/gpu.js";
import { checkArithmetic, type OpenOptions, openDevice, refuseContradictions } from "./device/open.js";
import { brief, UsageError } from "./error.js";
import { parseChaos } from "./faults/chaos.js";
import { type FaultScope, parseFaults, readFaults } from "./faults/parse-faults.js";
import { withArithmetic } from "./placement/arithmetic.js";
import { type DeviceSpec, parseDevices } from "./placement/parse-devices.js";
import { type DevicesPresent, type PlacementRequest, placeWorkers, type WorkerPlace } from "./placement/placement.js";
import { checkWorkerCount, mostOf, type WorkerCount, workersText } from "./placement/worker-count.js";
import type { TrainingConfig, TrainingOptions } from "./training/config/config.js";
import { needsWorkers } from "./training/config/strategy-choice.js";
import { parseLink } from "./transport/link.js";
import type { TuningObserver } from "./tuning/event.js";
import { openTunedDevice, type TunedDevice } from "./tuning/open.js";
import type { World } from "./world/world.js";

/** The devices of a run, and the faults that strike them. */
export interface DevicePlace extends Omit<OpenOptions, "device" | "planGemm" | "arithmetic"> {
  /** An open device, or which one to open; by default a hardware GPU, else the CPU. */
  readonly device?: Device | OpenOptions["device"];
  /**
   * Whether to tune a WebGPU device that this run opens: to time kernels for products that are new to it, for at most 15
   * seconds, and to use earlier results; workers only use earlier results. Default: true. Tuning changes no bit of the result.
   */
  readonly tune?: boolean;
  /**
   * Number of workers to train on, each in a process of its own. They share the parts of every batch (`config.parts`, by default
   * one for each worker), so the result does not depend on the number of workers. With a least and a most number the run begins
   * with the least; others join and leave while it goes on, and with fewer than the least it waits.
   */
  readonly workers?: WorkerCount;
  /** The devices of the workers, as on the command line: `cpu*2,8f6ab5a0`. */
  readonly devices?: string;
  /**
   * Whether to divide the model among the devices instead: encoder, bottleneck and decoder each have one, and the parts of
   * every batch are micro-batches. The result is that of workers with as many parts.
   */
  readonly pipeline?: boolean;
  /**
   * Number of parameter servers, each with a piece of the parameters and of the optimizer's state. With strategy `synchronous` the
   * bits are those without servers. Default: 1 for a strategy whose parts each go by themselves, as `downpour`; else none.
   */
  readonly servers?: number;
  /** Faults to inject, or a file of them: `kill worker-1 at step 200; lose device-0 at 30s`. */
  readonly faults?: string;
  /** Random faults, as on the command line: `mtbf=30s`. */
  readonly chaos?: string;
  readonly times?: Partial<ClusterTimes>;
  /**
   * The link of each machine, as on the command line: `1Gbps,1ms`. Messages and vectors take as long as they would over it, so that
   * trade-offs show on one machine; it changes no bit. Default: no delay is added.
   */
  readonly link?: string;
  readonly onTuning?: TuningObserver;
}

/** Where the workers of a run are; undefined for a run without any. */
export async function placesOf(
  place: DevicePlace,
  config: Pick<TrainingConfig, "parts" | "layers" | "arithmetic" | "strategy" | "compress">,
): Promise<WorkerPlace[] | undefined> {
  const { parts, layers, arithmetic } = config;
  const isForWorkers = parts > 1 || needsWorkers(config);
  const { devices, workers = devices === undefined && isForWorkers ? 1 : undefined } = place;
  checkPlace(place);
  if (place.link !== undefined) parseLink(place.link);
  if (workers !== undefined) checkWorkerCount(workers);
  if (!place.pipeline && devices === undefined && workers === undefined) {
    if (place.link !== undefined) throw new UsageError("a link needs workers: give --workers or --devices");
    if (place.faults || place.chaos) throw new UsageError("faults need workers: give --workers or --devices");
    if (Object.values(place.times ?? {}).some((time) => time !== undefined)) {
      throw new UsageError("the times of workers need workers: give --workers or --devices, or leave them out");
    }
    return undefined;
  }
  const specs = deviceSpecs(place);
  const present = await devicesPresent(specs);
  const request = { devices: specs, threads: place.threads };
  const places = place.pipeline
    ? stagePlaces(request, place.workers, layers?.length === 2 ? 2 : 3, present)
    : placeWorkers({ ...request, workers: workers === undefined ? undefined : mostOf(workers) }, present);
  return places.map((one) => withArithmetic(one, arithmetic));
}

/** @throws UsageError when a device is given with options of another kind of device */
function checkPlace({ device, adapter, threads }: DevicePlace): void {
  if (threads !== undefined) checkThreads(threads);
  if (typeof device !== "object") refuseContradictions({ device, adapter, threads });
  else if (adapter !== undefined || threads !== undefined) {
    throw new UsageError("an open device has its adapter and its threads: leave adapter and threads out");
  }
}

/** The devices by name; undefined when none was named. `device` and `adapter` name one that all workers share. */
function deviceSpecs({ device = "auto", adapter, devices }: DevicePlace): DeviceSpec[] | undefined {
  if (typeof device === "object") {
    throw new UsageError(
      "an open device is for a run on one device: name those of the workers with devices (--devices)",
    );
  }
  if (device === "reference")
    throw new UsageError("the reference device is for a run on one device: leave workers out");
  const one = oneSpec(device, adapter);
  if (devices === undefined) return one && [one];
  if (one === undefined) return parseDevices(devices);
  throw new UsageError(
    `${brief(adapter ?? device)} and the devices ${brief(devices)} both say where to run: name them all with devices (--devices)`,
  );
}

function oneSpec(device: "auto" | "cpu" | "webgpu", adapter: string | undefined): DeviceSpec | undefined {
  if (adapter !== undefined) return { kind: "named", name: adapter, workers: 1 };
  return device === "auto" ? undefined : { kind: device, workers: 1 };
}

/** GPU drivers are not loaded where only the CPU is named. */
async function devicesPresent(specs: readonly DeviceSpec[] | undefined): Promise<DevicesPresent> {
  const cpuOnly = specs?.every(({ kind }) => kind === "cpu") ?? false;
  return { cores: usableCores(), gpus: cpuOnly ? [] : await listGpus() };
}

/** The devices of a pipeline's stages. Stages share devices if there are fewer devices than stages. */
function stagePlaces(
  request: PlacementRequest,
  workers: WorkerCount | undefined,
  stages: number,
  present: DevicesPresent,
): WorkerPlace[] {
  if (workers !== undefined) {
    throw new UsageError(
      `a pipeline has a stage for each component of the model, not ${workersText(workers)} workers: leave --workers out, and name --devices`,
    );
  }
  if (request.devices) {
    const named = placeWorkers(request, present);
    if (named.length > stages) {
      throw new UsageError(`${named.length} devices for the ${stages} stages of this model: name at most ${stages}`);
    }
  }
  return placeWorkers({ ...request, workers: stages }, present);
}

/** The device that measures the result of workers: that of the first worker, unless only the worker's process can open it. */
export function measuringPlace([{ open, environment }]: readonly WorkerPlace[], place: DevicePlace): DevicePlace {
  const { tune, threads, onTuning } = place;
  const isGpu = environment === undefined && open.device !== "cpu";
  return { tune, onTuning, ...(isGpu ? { device: open.device, adapter: open.adapter } : { device: "cpu", threads }) };
}

/** The device to train on; `own` when it was opened here. */
export async function openPlace(
  world: World,
  place: DevicePlace,
  arithmetic: Arithmetic,
): Promise<TunedDevice & { readonly own?: Device }> {
  const { device, adapter, threads, tune = true, onTuning } = place;
  if (typeof device === "object") {
    checkArithmetic(device.info, arithmetic);
    return { device };
  }
  const options = { device, adapter, threads, arithmetic };
  const opened = tune ? await openTunedDevice(world, options, onTuning) : { device: await openDevice(options) };
  return { ...opened, own: opened.device };
}

/** The faults to inject, into a run with these workers and parameter servers. */
export async function failuresOf(world: World, { faults, chaos }: DevicePlace, scope: FaultScope) {
  return {
    faults: faults === undefined ? undefined : parseFaults(await readFaults(world, faults), scope),
    chaos: chaos === undefined ? undefined : parseChaos(chaos),
  };
}

/** A new run without a number of parts has one for each worker. */
export function withParts(config: TrainingOptions, places: readonly WorkerPlace[], resume = false): TrainingOptions {
  return resume || (config.parts ?? config.shards) !== undefined ? config : { ...config, parts: places.length };
}
