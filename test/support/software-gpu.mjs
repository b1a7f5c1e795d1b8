/**
 * A GPU for machines that have none: SwiftShader, a Vulkan driver that runs on the CPU, out of a development dependency
 * (the headless Chromium of @sparticuz/chromium carries it, with the Vulkan loader). The loader reads the environment when
 * a process starts, so this hands out variables for a child.
 */
import { createReadStream, existsSync } from "node:fs";
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
  const folder = await unpacked();
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return {
    VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json"),
    LD_LIBRARY_PATH: libraries,
    // The driver wants a folder of its own to write to.
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? folder,
  };
}

async function hasHardwareGpu() {
  const { create } = await import("webgpu");
  const adapter = await create([]).requestAdapter();
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

/** The folder that holds driver and loader. Unpacked aside and renamed, so that no one meets it half done. */
async function unpacked() {
  const entry = import.meta.resolve("@sparticuz/chromium");
  const root = new URL("../../", entry);
  const require = createRequire(entry);
  const { version } = require(fileURLToPath(new URL("package.json", root)));
  const folder = join(CACHE, `swiftshader-${version}`);
  if (existsSync(folder)) return folder;

  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, "unpacking-"));
  // tar-fs comes with the same package, and is found from there.
  const extract = require("tar-fs").extract(aside);
  await pipeline(createReadStream(new URL("bin/swiftshader.tar.br", root)), createBrotliDecompress(), extract);
  await rename(aside, folder).catch(async (error) => {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    await rm(aside, { recursive: true });
  });
  return folder;
}
