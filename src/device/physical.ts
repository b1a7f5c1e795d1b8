/**
 * Physical devices: the GPUs that are in the machine, and software ones, as Vulkan's loader lists them; twins apart. Dawn asks for
 * adapters by name, so it cannot tell twins apart. But a process can be started that sees one device only: its environment
 * switches on a Vulkan layer of ours (native/vulkan), which hides the others. Linux only; elsewhere there is no Vulkan to ask,
 * and the list is empty.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { nativeCore, nativeCorePath, PACKAGE_FOLDER } from "../native-core.js";
import { homeFolder } from "../world/home-folder.js";
import { NoDeviceError } from "./device.js";

/** `cpu` is a software device; `other` is whatever the driver has no word for. */
export type PhysicalKind = "discrete" | "integrated" | "virtual" | "cpu" | "other";

/** A graphics processor of this machine, whatever the drivers that reach it. */
export interface PhysicalDevice {
  /** The UUID; with `#2`, `#3`, ... for the second, third, ... of one UUID, as copies of a software driver have. */
  readonly id: string;
  /** As the driver gives it: the same between runs, and until the driver changes its mind. */
  readonly uuid: string;
  readonly name: string;
  readonly kind: PhysicalKind;
  /** Its name and version. */
  readonly driver: string;
  /** Bytes of the device's own memory. */
  readonly memoryBytes: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the core lists. */
interface RawDevice extends Omit<PhysicalDevice, "uuid" | "kind"> {
  /** VkPhysicalDeviceType */
  readonly type: number;
}

/** The part of the core that knows Vulkan. It is compiled on Linux only. */
interface VulkanCore {
  /** Loads every driver into this process. */
  devices(): RawDevice[];
  /** The device that the layer showed alone when devices were last listed in this process. */
  shown(): string | undefined;
}

/** What is read here of the layer's manifest. */
interface Manifest {
  readonly layers: readonly { readonly name: string; readonly library_path: string }[];
}

const KINDS: readonly PhysicalKind[] = ["other", "integrated", "discrete", "virtual", "cpu"];
/** Names the device that a process shall see. */
const CHOICE = "DAWNPOUR_VULKAN_DEVICE";
const LAYER_FOLDER = join(PACKAGE_FOLDER, "native", "vulkan");
/** Milliseconds; a driver that hangs is as good as none. */
const PATIENCE = 30_000;
const LIST = "process.stdout.write(JSON.stringify(require(process.argv[1]).vulkan?.devices() ?? []))";

/**
 * In the loader's order; empty where Vulkan is missing or broken. A process of its own lists them, for drivers are loaded for
 * good, leave threads behind, and some bring a process down.
 */
export async function physicalDevices(): Promise<PhysicalDevice[]> {
  if (process.platform !== "linux") return [];
  // As for Dawn: drivers look for a display there, and print errors where it is not set.
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
 * What a child process needs in its environment to see only the device with this id. Opening a device there fails unless the
 * layer has found it.
 * @param environment what the child gets besides: layers that it names stay
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

/** The core is the layer's library. The manifest gives the layer a name for each place in the package where the core may lie. */
function layerName(): string {
  const core = nativeCorePath();
  const { layers } = JSON.parse(readFileSync(join(LAYER_FOLDER, "layer.json"), "utf8")) as Manifest;
  const layer = layers.find(({ library_path: path }) => resolve(LAYER_FOLDER, path) === core);
  if (!layer) {
    throw new NoDeviceError(
      `devices cannot be chosen with the native core at ${core}: run "npm rebuild dawnpour", or unset DAWNPOUR_PREBUILD`,
    );
  }
  return layer.name;
}

/**
 * Lists adapters by `list`; where the environment chooses a physical device, makes sure that it was the only one to be seen.
 * @throws NoDeviceError when it was not
 */
export async function onlyChosen<T>(list: () => Promise<T>): Promise<T> {
  const chosen = process.env[CHOICE];
  if (chosen === undefined) return list();
  // Loaded here first: the loader loads it as the layer and lets go of it, and with it would go what the layer knows.
  const { vulkan } = nativeCore<{ readonly vulkan?: VulkanCore }>();
  const found = await list();
  if (vulkan?.shown() !== chosen) {
    throw new NoDeviceError(
      `the physical device "${chosen}", which ${CHOICE} names, is not there: without that variable \`dawnpour devices\` lists those that are`,
    );
  }
  return found;
}

/** The name of the WebGPU adapter that is this device; undefined where there is none, and where twins share the name. */
export function adapterOf(
  { name }: PhysicalDevice,
  physical: readonly PhysicalDevice[],
  adapters: readonly string[],
): string | undefined {
  const alone = physical.filter((other) => other.name === name).length === 1;
  return alone ? adapters.find((adapter) => adapter === name) : undefined;
}
