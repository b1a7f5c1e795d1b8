/**
 * Dawn's Node binding, the `webgpu` package: the only file that imports it.
 *
 * WebGPU has no list of adapters, and tells their drivers but not their names. Dawn names them all when it is asked for one
 * that is not there, and then gives each by its name. Two of one name cannot be told apart: the first answers for both.
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

/** APIs that reach a GPU natively. OpenGL would list it a second time, and slower. */
const NATIVE = ["vulkan", "metal", "d3d12"];
/** Dawn hides shader-f16 of NVIDIA's Vulkan driver, and subgroup matrices everywhere, unless it is asked for them. */
const FEATURES = "enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia";
const NO_SUCH_ADAPTER = "(none)";
/**
 * The GPU objects by the adapters that they offer, kept for good. Dawn looks into them for whatever came from them, even while
 * that is being collected; a GPU object that is collected first, in whatever order the collector likes, ends the process.
 */
const GPUS = new Map<string, GPU>();

/** Every adapter, hardware before software, otherwise as Dawn ranks them: fastest first. */
export async function dawnAdapters(): Promise<NamedAdapter[]> {
  const { create } = await loadDawn();
  const answers = await Promise.all((await adapterNames(create)).map((name) => open(create, name)));
  const software = ({ adapter }: NamedAdapter): number => Number(adapter.info.isFallbackAdapter);
  return answers.filter((answer) => answer !== undefined).sort((a, b) => software(a) - software(b));
}

type Create = (options: string[]) => GPU;

/** @throws NoDeviceError where the package has no binary for this platform */
async function loadDawn(): Promise<{ create: Create }> {
  // Where no session sets it, as in a container, drivers print errors. They look for a display there: no shared folder.
  process.env.XDG_RUNTIME_DIR ??= homeFolder();
  try {
    return await import("webgpu");
  } catch (error) {
    const words = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NoDeviceError(`WebGPU does not load on ${process.platform}-${process.arch}: ${words}`, { cause: error });
  }
}

/** Reads the names from the error: ` * backend: 'vulkan', name: 'llvmpipe (LLVM 15.0.6, 256 bits)'`. */
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
