/**
 * Dawn's Node binding, the `webgpu` package: the only file that imports it.
 *
 * WebGPU has no list of adapters. But when Dawn is asked for an adapter whose name does not exist, its error lists the names of
 * all adapters, and Dawn then opens each by its name. Two adapters with one name cannot be told apart: Dawn opens the first.
 */
import { homeFolder } from "../world/home-folder.js";
import { NoDeviceError } from "./device.js";
import { quietly } from "./driver-output.js";

export interface NamedAdapter {
  readonly name: string;
  /** A GPU object that offers this adapter only. */
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
}

/** APIs that reach a GPU natively. OpenGL would list the same GPU again, and run it slower. */
const NATIVE = ["vulkan", "metal", "d3d12"];
/** Without these switches Dawn hides shader-f16 of NVIDIA's Vulkan driver, and subgroup matrices of every driver. */
const FEATURES = "enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia";
const NO_SUCH_ADAPTER = "(none)";
/**
 * The GPU objects by the names of their adapters, kept until the process ends. Dawn uses a GPU object while it frees what came
 * from that object. The collector has no fixed order: were the GPU object freed first, the process would crash.
 */
const GPUS = new Map<string, GPU>();

/** Every adapter: hardware before software, and within each in Dawn's order, which has the fastest first. */
export async function dawnAdapters(): Promise<NamedAdapter[]> {
  const { create } = await loadDawn();
  const answers = await Promise.all((await adapterNames(create)).map((name) => open(create, name)));
  const software = ({ adapter }: NamedAdapter): number => Number(adapter.info.isFallbackAdapter);
  return answers.filter((answer) => answer !== undefined).sort((a, b) => software(a) - software(b));
}

type Create = (options: string[]) => GPU;

/** @throws NoDeviceError where the package has no binary for this platform */
async function loadDawn(): Promise<{ create: Create }> {
  // Drivers look for a display in this folder, and print errors where the variable is not set, as in a container. The folder must
  // not be one that other users can write to.
  process.env.XDG_RUNTIME_DIR ??= homeFolder();
  try {
    return await import("webgpu");
  } catch (error) {
    const words = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NoDeviceError(`WebGPU does not load on ${process.platform}-${process.arch}: ${words}`, { cause: error });
  }
}

/** The reason why Dawn does not load; undefined where it does. */
export async function whyNoDawn(): Promise<string | undefined> {
  try {
    await loadDawn();
    return undefined;
  } catch (error) {
    if (error instanceof NoDeviceError) return error.message;
    throw error;
  }
}

/** The names of all adapters, from lines of Dawn's error: ` * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'`. */
async function adapterNames(create: Create): Promise<string[]> {
  try {
    const none = create([`adapter=${NO_SUCH_ADAPTER}`]);
    await quietly(() => none.requestAdapter({ powerPreference: "high-performance" }));
    return [];
  } catch (error) {
    const found = [...String(error).matchAll(/\* backend: '(.*?)', name: '(.*)'/g)].map(([, backend, name]) => ({
      backend,
      name,
    }));
    return [...new Set(found.filter(({ backend }) => NATIVE.includes(backend)).map(({ name }) => name))];
  }
}

async function open(create: Create, name: string): Promise<NamedAdapter | undefined> {
  const gpu = GPUS.get(name) ?? create([`adapter=${name}`, FEATURES]);
  GPUS.set(name, gpu);
  const adapter = await quietly(() => gpu.requestAdapter());
  return adapter ? { name, gpu, adapter } : undefined;
}
