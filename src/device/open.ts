/**
 * Opens devices by the names that users know. `auto` is a hardware GPU where there is one, else the CPU device: a software GPU
 * would do the same work on the same cores, but slower.
 */
import { brief, UsageError, unknownWord } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { type Arithmetic, ArithmeticError } from "./cpu/arithmetic.js";
import { dawnAdapters, type NamedAdapter } from "./dawn.js";
import { type Device, type DeviceInfo, NoDeviceError } from "./device.js";
import { driverOutput, quietly } from "./driver-output.js";
import { whyNoAdapter } from "./no-adapter.js";
import { onlyChosen } from "./physical.js";
import { adapterInfo } from "./webgpu/adapter.js";
import type { GemmPlanner } from "./webgpu/gemm-tile.js";

/** The values of `OpenOptions.device`. */
export const DEVICE_CHOICES = ["auto", "webgpu", "cpu", "reference"] as const;
/** Which kind of device. `reference` is for comparison: float64 in plain TypeScript, and slow. */
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** Which device to open. */
export interface OpenOptions {
  /** Default: `auto`. `webgpu` takes software adapters too. */
  readonly device?: DeviceChoice;
  /** Part of the name of a WebGPU adapter, in any case; the first that matches is taken. */
  readonly adapter?: string;
  /** Threads of the CPU device. Default: one for each core that this process may use. */
  readonly threads?: number;
  /** How the CPU device multiplies f32. Default: the fastest way that has the accuracy of f32. */
  readonly arithmetic?: Arithmetic;
  /** Chooses the kernel of each gemm on a WebGPU device. Default: a choice that is good on every GPU, and the best on none. @internal */
  readonly planGemm?: GemmPlanner;
}

const KEYS: Keys<OpenOptions> = { device: true, adapter: true, threads: true, arithmetic: true, planGemm: true };

/** A device that could be opened. */
export interface DeviceListing extends DeviceInfo {
  /** Whether this is the device that `auto` takes. */
  readonly auto: boolean;
}

/**
 * Opens a device of this machine.
 * @throws NoDeviceError when there is no such device, with the likely causes; also when the environment of this process chooses a
 *   physical device (`physicalEnvironment`) that is not there
 * @throws UsageError when `device` or `adapter` is an unknown name
 * @example
 * ```ts
 * import { openDevice } from "dawnpour/kernels";
 *
 * await using device = await openDevice({ device: "cpu", threads: 1 });
 * const buffer = device.createBuffer("f32", 3, "numbers");
 * buffer.write(Float32Array.of(1, 2, 3));
 * console.log(device.info.kind, (await buffer.read()).join(" ")); // cpu 1 2 3
 * ```
 */
export async function openDevice(options: OpenOptions = {}): Promise<Device> {
  refuseUnknownKeys(options, KEYS, "options of openDevice");
  refuseContradictions(options);
  const { device = "auto", adapter } = options;
  switch (device) {
    case "auto":
      return adapter === undefined ? openAuto(options) : openWebGpu(options);
    case "webgpu":
      return openWebGpu(options);
    case "cpu":
      return openCpu(options);
    case "reference": {
      refuseArithmetic(options.arithmetic);
      const { openReferenceDevice } = await import("./reference/reference-device.js");
      return openReferenceDevice();
    }
    default:
      throw unknownWord("device", device, DEVICE_CHOICES);
  }
}

/**
 * Every WebGPU adapter, hardware first, and then the CPU device, unless the native core cannot be loaded.
 * @example
 * ```ts
 * import { listDevices } from "dawnpour";
 *
 * const devices = await listDevices();
 * console.log(devices.filter(({ auto }) => auto).length); // 1
 * ```
 */
export async function listDevices(): Promise<DeviceListing[]> {
  const { cpuDeviceInfo } = await import("./cpu/cpu-device.js");
  const adapters = (await onlyChosen(adaptersOrNone)).map(({ adapter, name }) => adapterInfo(adapter, name));
  const cpu = await orNone(async () => [cpuDeviceInfo()]);
  const auto = adapters.find((info) => !info.software) ?? cpu[0];
  return [...adapters, ...cpu].map((info) => ({ ...info, auto: info === auto }));
}

/** @throws UsageError for options that contradict one another */
export function refuseContradictions({ device = "auto", adapter, threads }: Omit<OpenOptions, "planGemm">): void {
  if (adapter !== undefined && (device === "cpu" || device === "reference")) {
    throw new UsageError(
      `the adapter ${brief(adapter)} belongs to the device webgpu, but the device is ${device}: leave one of the two out`,
    );
  }
  if (threads !== undefined && (adapter !== undefined || device === "webgpu" || device === "reference")) {
    throw new UsageError(
      `only the CPU device has threads, but the device is ${adapter === undefined ? device : brief(adapter)}: leave threads (--threads) out`,
    );
  }
}

/** @throws UsageError unless an open device has the arithmetic that is wanted */
export function checkArithmetic(info: DeviceInfo, wanted: Arithmetic | undefined): void {
  const has = arithmeticOf(info);
  if (wanted === undefined || wanted === has || (wanted === "auto" && has !== "bf16x2")) return;
  if (info.kind !== "cpu") refuseArithmetic(wanted);
  throw new ArithmeticError(
    `arithmetic ${wanted}: the device ${info.name} was opened with ${has}: ask for ${has}, or open another device`,
  );
}

/** How a device multiplies f32. */
export function arithmeticOf({ arithmetic }: DeviceInfo): Arithmetic {
  return (arithmetic?.f32 ?? "fma") as Arithmetic;
}

/** @throws UsageError for an arithmetic that only the CPU device has */
export function refuseArithmetic(wanted: Arithmetic | undefined): void {
  if (wanted === undefined || wanted === "auto" || wanted === "fma") return;
  throw new ArithmeticError(`only the CPU device has the arithmetic ${wanted}: use fma or auto, or the device cpu`);
}

async function openAuto(options: OpenOptions): Promise<Device> {
  const hardware = (await onlyChosen(adaptersOrNone)).find(({ adapter }) => !adapter.info.isFallbackAdapter);
  if (!hardware) return openCpu(options);
  refuseArithmetic(options.arithmetic);
  return openNamed(hardware, options.planGemm);
}

async function openWebGpu({ adapter: wanted, arithmetic, planGemm }: OpenOptions): Promise<Device> {
  refuseArithmetic(arithmetic);
  const adapters = await onlyChosen(dawnAdapters);
  if (adapters.length === 0) {
    throw new NoDeviceError(
      `no WebGPU adapter was found: ${whyNoAdapter(process.platform, process.env)}; or use the CPU device`,
      { cause: driverCause() },
    );
  }
  if (wanted === undefined) return openNamed(adapters[0], planGemm);
  const match = adapters.find(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  if (!match) {
    throw unknownWord(
      "adapter",
      wanted,
      adapters.map(({ name }) => name),
    );
  }
  return openNamed(match, planGemm);
}

function driverCause(): Error | undefined {
  const words = driverOutput();
  return words === "" ? undefined : new Error(words);
}

async function openNamed({ gpu, name }: NamedAdapter, planGemm: GemmPlanner | undefined): Promise<Device> {
  const [{ openWebGpuDevice }, { SHADERS }] = await Promise.all([
    import("./webgpu/device.js"),
    import("./webgpu/shaders.js"),
  ]);
  return openWebGpuDevice(gpu, SHADERS, { name, planGemm, quietly });
}

async function openCpu({ threads, arithmetic }: OpenOptions): Promise<Device> {
  const { openCpuDevice } = await import("./cpu/cpu-device.js");
  return openCpuDevice({ threads, arithmetic });
}

/** No adapters where Dawn cannot be loaded. Only a call that asks for WebGPU by name throws the reason. */
function adaptersOrNone(): Promise<NamedAdapter[]> {
  return orNone(dawnAdapters);
}

/** An empty list where a NoDeviceError says that this kind of device cannot be here. */
async function orNone<T>(list: () => Promise<T[]>): Promise<T[]> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof NoDeviceError) return [];
    throw error;
  }
}
