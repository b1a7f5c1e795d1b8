/** Which worker runs on which device. A pure function of the request and of the devices present: it opens no device. */

import { checkThreads } from "../device/cpu/cpu-options.js";
import type { Gpu } from "../device/gpu.js";
import type { OpenOptions } from "../device/open.js";
import { UsageError } from "../error.js";
import { findGpu } from "./find-gpu.js";
import { deviceName } from "./names.js";
import { type DeviceSpec, MOST_WORKERS } from "./parse-devices.js";

/** The devices of a machine. */
export interface DevicesPresent {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Best first, software GPUs included. */
  readonly gpus: readonly Gpu[];
}

/** What the user asked for; at least one of `workers` and `devices`. */
export interface PlacementRequest {
  readonly workers?: number;
  readonly devices?: readonly DeviceSpec[];
  /** Threads of each CPU worker without a number of its own. Default: an equal share of the cores. */
  readonly threads?: number;
}

/** Where one worker runs. */
export interface WorkerPlace {
  /** `device-0` is that of the first worker. Workers on one device each open it for themselves. */
  readonly label: string;
  readonly open: OpenOptions;
  /** Variables that its process needs besides the environment of this one. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For the user: `CPU, 2 threads`, `NVIDIA H200, 8f6ab5a0-...`. */
  readonly describe: string;
}

/** The device of one worker, before the cores are shared out. */
type Slot = { readonly gpu: Gpu } | { readonly threads: number | undefined };

/**
 * With devices named: one worker for each time a device is named, or `workers` of them, dealt over the devices in
 * turns. With none named: the workers are dealt over the hardware GPUs, or share the cores of the CPU.
 *
 * @throws UsageError for a device that is not there, for fewer workers than devices, and for too many workers
 * @example
 * ```ts
 * import { parseDevices, placeWorkers } from "dawnpour/distributed";
 *
 * const places = placeWorkers({ devices: parseDevices("cpu:2*3") }, { cores: 8, gpus: [] });
 * console.log(places.length); // 3
 * ```
 */
export function placeWorkers({ workers, devices, threads }: PlacementRequest, present: DevicesPresent): WorkerPlace[] {
  if (threads !== undefined) checkThreads(threads);
  if (workers !== undefined) checkWorkers(workers, `workers must be a whole number from 1 to ${MOST_WORKERS}`);
  const slots = devices ? namedSlots(devices, present) : unnamedSlots(present);
  const count = workers ?? slots.length;
  if (devices && count < slots.length) {
    throw new UsageError(
      `${count} ${count === 1 ? "worker" : "workers"} cannot use ${slots.length} devices: name fewer devices, or ask for ${slots.length} workers`,
    );
  }
  const dealt = Array.from({ length: count }, (_, worker) => slots[worker % slots.length]);
  const each = threads ?? sharedThreads(dealt, present.cores);
  return dealt.map((slot, worker) => ({ label: deviceName(worker), ...place(slot, each) }));
}

function checkWorkers(workers: number, rule: string): void {
  if (Number.isInteger(workers) && workers >= 1 && workers <= MOST_WORKERS) return;
  throw new UsageError(`${rule}, got ${workers}`);
}

function namedSlots(devices: readonly DeviceSpec[], present: DevicesPresent): Slot[] {
  const each = devices.map((spec) => ({ spec, slots: slotsOf(spec, present) }));
  const total = each.reduce((sum, { spec, slots }) => sum + spec.workers * slots.length, 0);
  checkWorkers(total, `the devices named must make from 1 to ${MOST_WORKERS} workers`);
  return each.flatMap(({ spec, slots }) => Array.from({ length: spec.workers }, () => slots).flat());
}

function slotsOf(spec: DeviceSpec, { gpus, cores }: DevicesPresent): Slot[] {
  switch (spec.kind) {
    case "cpu":
      return [{ threads: spec.threads }];
    case "gpu": {
      const hardware = gpus.filter(({ software }) => !software);
      if (hardware.length === 0) throw new UsageError(`device "gpu": no hardware GPU is there: ${instead(gpus)}`);
      return hardware.map((gpu) => ({ gpu }));
    }
    case "webgpu":
      if (gpus.length === 0) throw new UsageError('device "webgpu": no GPU is there, no software one either: use cpu');
      return [{ gpu: gpus[0] }];
    case "named":
      return [{ gpu: findGpu(spec.name, gpus, cores) }];
  }
}

/** WebGPU does not accept every software driver; only opening it tells. */
function instead(gpus: readonly Gpu[]): string {
  if (gpus.length === 0) return "use cpu";
  return `use cpu, or webgpu for the software GPU ${gpus[0].name}, if \`dawnpour devices\` lists that`;
}

function unnamedSlots({ gpus }: DevicesPresent): Slot[] {
  const hardware = gpus.filter(({ software }) => !software);
  return hardware.length > 0 ? hardware.map((gpu) => ({ gpu })) : [{ threads: undefined }];
}

/** Threads of each CPU worker without a number of its own: an equal share of the cores that the others leave. */
function sharedThreads(slots: readonly Slot[], cores: number): number {
  const wishes = slots.flatMap((slot) => ("gpu" in slot ? [] : [slot.threads]));
  const taken = wishes.reduce<number>((sum, threads) => sum + (threads ?? 0), 0);
  const sharers = wishes.filter((threads) => threads === undefined).length;
  return Math.max(1, Math.floor((cores - taken) / Math.max(1, sharers)));
}

function place(slot: Slot, shared: number): Omit<WorkerPlace, "label"> {
  if ("gpu" in slot) {
    const { open, environment, name, id } = slot.gpu;
    return { open, ...(environment && { environment }), describe: `${name}, ${id}` };
  }
  const threads = slot.threads ?? shared;
  return { open: { device: "cpu", threads }, describe: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}` };
}
