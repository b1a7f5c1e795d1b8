/** Why no GPU is found: those of the usual causes that this process can see, each with its remedy. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const LOADER_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/lib/x86_64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/lib64",
  "/usr/lib",
  "/lib",
  "/usr/local/lib",
];
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** Causes that this process cannot see: named when none of the others is found. */
const UNSEEN_CAUSES =
  "the Vulkan driver may be too old, or may not be allowed to open /dev/dri; a container needs the graphics capability " +
  "(NVIDIA_DRIVER_CAPABILITIES=all); a MIG slice of a GPU has no Vulkan";

/** The likely cause, in one sentence. macOS and Windows bring Metal and Direct3D 12, so there only the GPU's driver can fail. */
export function whyNoAdapter(platform: NodeJS.Platform, environment: Environment): string {
  if (platform !== "linux") return "the driver of the GPU is missing or too old";
  const causes = [noLoader(environment), noDriver(environment), nvidiaContainer(environment), slicedGpu(environment)];
  const seen = causes.filter((cause) => cause !== undefined);
  return seen.length > 0 ? seen.join("; ") : UNSEEN_CAUSES;
}

function noLoader({ LD_LIBRARY_PATH = "" }: Environment): string | undefined {
  const folders = [...LD_LIBRARY_PATH.split(":").filter(Boolean), ...LOADER_FOLDERS];
  if (folders.some((folder) => existsSync(join(folder, "libvulkan.so.1")))) return undefined;
  return "no Vulkan loader: libvulkan.so.1 is not installed (package libvulkan1 or vulkan-loader)";
}

function noDriver({ VK_DRIVER_FILES, VK_ICD_FILENAMES }: Environment): string | undefined {
  const named = VK_DRIVER_FILES ?? VK_ICD_FILENAMES;
  if (named !== undefined) {
    const missing = named.split(":").find((file) => !existsSync(file));
    if (missing === undefined) return undefined;
    return `no Vulkan driver: VK_DRIVER_FILES or VK_ICD_FILENAMES names "${missing}", which does not exist`;
  }
  const manifests = DRIVER_FOLDERS.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  if (manifests.some((file) => file.endsWith(".json"))) return undefined;
  return `no Vulkan driver: no manifest in ${DRIVER_FOLDERS.join(", ")} (install the GPU's driver, or mesa-vulkan-drivers)`;
}

function nvidiaContainer({ NVIDIA_DRIVER_CAPABILITIES: granted }: Environment): string | undefined {
  if (!existsSync("/dev/nvidiactl") || granted === "all" || granted?.includes("graphics")) return undefined;
  return (
    "an NVIDIA GPU is present, but a container needs the graphics capability for Vulkan: start it with " +
    `NVIDIA_DRIVER_CAPABILITIES=all (it is ${granted ?? "not set"})`
  );
}

function slicedGpu({ NVIDIA_VISIBLE_DEVICES = "", CUDA_VISIBLE_DEVICES = "" }: Environment): string | undefined {
  if (!`${NVIDIA_VISIBLE_DEVICES},${CUDA_VISIBLE_DEVICES}`.includes("MIG-")) return undefined;
  return "the GPU is a MIG slice, and those have no Vulkan: use a whole GPU";
}
