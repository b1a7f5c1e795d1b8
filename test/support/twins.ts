/**
 * Twins to test with: SwiftShader, and the same driver once more under another path. Vulkan lists two devices that differ in
 * nothing, their UUIDs included.
 */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { RUNS_HERE, swiftShaderEnvironment } from "./software-gpu.mjs";

export const TWINS_RUN_HERE = RUNS_HERE;

export interface Twins {
  /** Variables for a process that sees both, and no other. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function makeTwins(): Promise<Twins> {
  const environment = await swiftShaderEnvironment();
  const manifest = environment.VK_DRIVER_FILES;
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-twins-"));
  // The manifest names the library by a path from where it lies itself.
  const files = [manifest, join(dirname(manifest), "libvk_swiftshader.so")];
  for (const file of files) await copyFile(file, join(folder, basename(file)));
  return {
    environment: { ...environment, VK_DRIVER_FILES: `${manifest}:${join(folder, basename(manifest))}` },
    remove: () => rm(folder, { recursive: true }),
  };
}
