/**
 * The GPUs that there are to run on, software ones too, and how a process opens each of them alone: on Linux by an environment
 * that hides the others, elsewhere by the adapter's name.
 */
import { listDevices, type OpenOptions } from "./open.js";
import { type PhysicalKind, physicalDevices, physicalEnvironment } from "./physical.js";

/** A GPU that WebGPU reaches. */
export interface Gpu {
  /** Its UUID, or what else tells it from the others. */
  readonly id: string;
  readonly name: string;
  readonly software: boolean;
  /** What a process opens it with, ... */
  readonly open: OpenOptions;
  /** ... and what it needs in its environment from its start. */
  readonly environment?: Readonly<Record<string, string>>;
}

const BEST_FIRST: readonly PhysicalKind[] = ["discrete", "integrated", "virtual", "other", "cpu"];

/**
 * Hardware before software, and a GPU of its own before one in the processor. On Linux none where the native core cannot be loaded.
 * @throws NoDeviceError where the core is there, and lies where the layer's manifest does not look
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
