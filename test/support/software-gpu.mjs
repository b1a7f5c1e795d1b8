/**
 * A GPU for machines that have none: SwiftShader, a Vulkan driver that runs on the CPU, out of a development dependency
 * (the headless Chromium of @sparticuz/chromium carries it, with the Vulkan loader). The loader reads the environment when
 * a process starts, so this hands out variables for a child.
 */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

/** Whether SwiftShader was built for this platform. */
export const RUNS_HERE = process.platform === "linux" && process.arch === "x64";
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/dawnpour", import.meta.url));

/**
 * What a child process needs in its environment for Dawn to find SwiftShader. Nothing where the machine has a GPU of its
 * own, where the caller has chosen a driver already, and where SwiftShader does not run (it is built for Linux on x64).
 * @returns {Promise<Record<string, string>>}
 */
export async function softwareGpuEnvironment() {
  if (!RUNS_HERE || process.env.VK_DRIVER_FILES !== undefined || (await hasHardwareGpu())) return {};
  return swiftShaderEnvironment();
}

/**
 * What a child process needs to find SwiftShader and nothing else.
 * @returns {Promise<{ VK_DRIVER_FILES: string, LD_LIBRARY_PATH: string, XDG_RUNTIME_DIR: string }>}
 */
export async function swiftShaderEnvironment() {
  const folder = await unpacked("swiftshader", async (packed, aside) => {
    await inflate(packed("swiftshader.tar.br"), extract(aside));
  });
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return {
    VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json"),
    LD_LIBRARY_PATH: libraries,
    // The driver needs a folder of its own to write to.
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? folder,
  };
}

async function hasHardwareGpu() {
  const { create } = await import("webgpu");
  const adapter = await create([]).requestAdapter();
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

/**
 * The folder with the headless Chromium of the same dependency: `chromium`, SwiftShader beside it, and in `lib` the libraries
 * that machines without a desktop lack. Some 200 MB, unpacked when they are first asked for.
 * @returns {Promise<string>}
 */
export function unpackedChromium() {
  return unpacked("chromium", async (packed, aside) => {
    await inflate(packed("chromium.br"), createWriteStream(join(aside, "chromium"), { mode: 0o755 }));
    for (const archive of ["swiftshader", "al2023"]) await inflate(packed(`${archive}.tar.br`), extract(aside));
  });
}

const ENTRY = import.meta.resolve("@sparticuz/chromium");
const PACKAGE = new URL("../../", ENTRY);
const require = createRequire(ENTRY);

// tar-fs comes with the same package, and is found from there.
const extract = (folder) => require("tar-fs").extract(folder);

const inflate = (file, into) => pipeline(createReadStream(file), createBrotliDecompress(), into);

/** The folder that `unpack` fills. Unpacked aside and renamed, so that no other process meets it half done. */
async function unpacked(name, unpack) {
  const { version } = require(fileURLToPath(new URL("package.json", PACKAGE)));
  const folder = join(CACHE, `${name}-${version}`);
  if (existsSync(folder)) return folder;

  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, "unpacking-"));
  await unpack((file) => new URL(`bin/${file}`, PACKAGE), aside);
  await rename(aside, folder).catch(async (error) => {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    await rm(aside, { recursive: true });
  });
  return folder;
}
