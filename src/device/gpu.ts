/**
 * The GPUs of this machine, software ones too, and how a process opens one of them: on Linux by an environment that hides the
 * others, elsewhere by the adapter's name.
 */
import { listDevices, type OpenOptions } from "./open.js";
import { type PhysicalKind, physicalDevices, physicalEnvironment } from "./physical.js";

/** A GPU that WebGPU reaches. */
export interface Gpu {
  /** Its UUID on Linux; elsewhere the id of its adapter. */
  readonly id: string;
  readonly name: string;
  readonly software: boolean;
  /** The options with which a process opens it. */
  readonly open: OpenOptions;
  /** The variables that the environment of that process must have from its start. */
  readonly environment?: Readonly<Record<string, string>>;
}

const BEST_FIRST: readonly PhysicalKind[] = ["discrete", "integrated", "virtual", "other", "cpu"];

/**
 * All GPUs: hardware before software, discrete ones before integrated ones. On Linux there are none without the native core.
 * @throws NoDeviceError where the core lies in a folder that the layer's manifest does not name
 * @example
 * ```ts
 * import { listGpus } from "dawnpour/distributed";
 *
 * for (const { name, software } of await listGpus()) console.log(software ? `${name}, in software` : name);
 * console.log("no more");
 * ```
 */
export function listGpus(): Promise<Gpu[]> {
  return process.platform === "linux" ? physicalGpus() : adapterGpus();
}

async function physicalGpus(): Promise<Gpu[]> {
  const devices = await physicalDevices();
  return devices
    .sort((a, b) => BEST_FIRST.indexOf(a.kind) - BEST_FIRST.indexOf(b.kind))
    .map(({ id, name, kind }) => ({
      id,
      name,
      software: kind === "cpu",
      open: { device: "webgpu" },
      environment: physicalEnvironment(id),
    }));
}

async function adapterGpus(): Promise<Gpu[]> {
  const adapters = (await listDevices()).filter(({ kind }) => kind === "webgpu");
  return adapters.map(({ id, name, software }) => ({ id, name, software, open: { device: "webgpu", adapter: name } }));
}
