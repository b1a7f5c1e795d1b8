/**
 * Physical devices: the GPUs of the machine, and software ones, as Vulkan's loader lists them. Two GPUs of one model are two
 * entries. Dawn opens adapters by name, so it cannot tell such twins apart. But a process can be started so that it sees one
 * device only: its environment switches on a Vulkan layer of the native core (native/vulkan), which hides the others. This works
 * on Linux only; elsewhere the list is empty.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { nativeCore, nativeCorePath, PACKAGE_FOLDER } from "../native-core.js";
import { homeFolder } from "../world/home-folder.js";
import { NoDeviceError } from "./device.js";

/** Vulkan's type of a device. `cpu` is a software device; `other` is what the driver reports for anything else. */
export type PhysicalKind = "discrete" | "integrated" | "virtual" | "cpu" | "other";

/** A graphics processor of this machine, as one driver shows it. */
export interface PhysicalDevice {
  /** The UUID. Where several have the same UUID, as copies of a software driver do, the later ones end in `#2`, `#3`, ... */
  readonly id: string;
  /** As the driver gives it: the same in every run, until the driver is updated. */
  readonly uuid: string;
  readonly name: string;
  readonly kind: PhysicalKind;
  /** The name and version of the driver. */
  readonly driver: string;
  /** Bytes of the device's own memory. */
  readonly memoryBytes: number;
}

/** Variables of an environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A device as the native core lists it. */
interface RawDevice extends Omit<PhysicalDevice, "uuid" | "kind"> {
  /** VkPhysicalDeviceType */
  readonly type: number;
}

/** The part of the core that knows Vulkan. It is compiled on Linux only. */
interface VulkanCore {
  /** Loads every driver into this process. */
  devices(): RawDevice[];
  /** The one device that the layer showed when devices were last listed in this process. */
  shown(): string | undefined;
}

/** The fields of the layer's manifest that this file reads. */
interface Manifest {
  readonly layers: readonly { readonly name: string; readonly library_path: string }[];
}

const KINDS: readonly PhysicalKind[] = ["other", "integrated", "discrete", "virtual", "cpu"];
/** The variable that names the one device that a process is to see. */
const CHOICE = "DAWNPOUR_VULKAN_DEVICE";
const LAYER_FOLDER = join(PACKAGE_FOLDER, "native", "vulkan");
/** Milliseconds to wait for the list. A driver that hangs longer counts as none. */
const PATIENCE = 30_000;
const LIST = "process.stdout.write(JSON.stringify(require(process.argv[1]).vulkan?.devices() ?? []))";

/**
 * All physical devices, in the loader's order; empty where Vulkan is missing or broken. A child process lists them, because a
 * driver is never unloaded, leaves threads behind, and may crash its process.
 * @example
 * ```ts
 * import { physicalDevices } from "dawnpour/kernels";
 *
 * const found = await physicalDevices();
 * console.log(Array.isArray(found)); // true
 * ```
 */
export async function physicalDevices(): Promise<PhysicalDevice[]> {
  if (process.platform !== "linux") return [];
  // Drivers look for a display in this folder, and print errors where the variable is not set.
  const env = { XDG_RUNTIME_DIR: homeFolder(), ...process.env };
  try {
    const listing = promisify(execFile)(process.execPath, ["-e", LIST, nativeCorePath()], { env, timeout: PATIENCE });
    return (JSON.parse((await listing).stdout) as RawDevice[]).map(interpret);
  } catch {
    return [];
  }
}

function interpret({ type, ...device }: RawDevice): PhysicalDevice {
  return { ...device, uuid: device.id.split("#")[0], kind: KINDS[type] ?? "other" };
}

/**
 * The variables that let a child process see only the device with this id. The child cannot open a device unless the layer has
 * found that one.
 * @param environment the other variables of the child; layers that they name stay
 * @throws NativeCoreError where the native core cannot be loaded, NoDeviceError where the layer does not know it
 */
export function physicalEnvironment(id: string, environment: Environment = process.env): Record<string, string> {
  const others = (name: string, first: string): string =>
    [first, ...(environment[name] ?? "").split(":")]
      .filter((part, at, all) => part && all.indexOf(part) === at)
      .join(":");
  return {
    [CHOICE]: id,
    VK_LAYER_PATH: others("VK_LAYER_PATH", LAYER_FOLDER),
    VK_INSTANCE_LAYERS: others("VK_INSTANCE_LAYERS", layerName()),
  };
}

/** The layer's library is the native core. The core may lie in several folders; the manifest has a layer name for each. */
function layerName(): string {
  const core = nativeCorePath();
  const { layers } = JSON.parse(readFileSync(join(LAYER_FOLDER, "layer.json"), "utf8")) as Manifest;
  const layer = layers.find(({ library_path: path }) => resolve(LAYER_FOLDER, path) === core);
  if (!layer) {
    throw new NoDeviceError(
      `one GPU of several cannot be chosen with the native core at ${core}: run "npm rebuild dawnpour", or unset DAWNPOUR_PREBUILD`,
    );
  }
  return layer.name;
}

/**
 * Lists adapters by `list`. Where the environment chooses a physical device, makes sure that `list` saw that one alone.
 * @throws NoDeviceError when it did not
 */
export async function onlyChosen<T>(list: () => Promise<T>): Promise<T> {
  const chosen = process.env[CHOICE];
  if (chosen === undefined) return list();
  // The core is loaded here first. Vulkan's loader loads the core as a layer and unloads it again: without this use of it the
  // layer's memory of the device that it showed would be lost.
  const { vulkan } = nativeCore<{ readonly vulkan?: VulkanCore }>();
  const found = await list();
  if (vulkan?.shown() !== chosen) {
    throw new NoDeviceError(
      `the physical device "${chosen}", which ${CHOICE} names, is not there: unset that variable, and \`dawnpour devices\` lists those that are`,
    );
  }
  return found;
}

/** The name of the WebGPU adapter that is this device; undefined where there is none, or where twins share the name. */
export function adapterOf(
  { name }: PhysicalDevice,
  physical: readonly PhysicalDevice[],
  adapters: readonly string[],
): string | undefined {
  const alone = physical.filter((other) => other.name === name).length === 1;
  return alone ? adapters.find((adapter) => adapter === name) : undefined;
}
