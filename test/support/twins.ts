/**
 * Two equal GPUs for tests: SwiftShader, and the same driver under another path. Vulkan lists two devices that are equal in
 * everything, even in their UUIDs.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { RUNS_HERE, swiftShaderEnvironment } from "./software-gpu.mjs";

export const TWINS_RUN_HERE = RUNS_HERE;

export interface Twins {
  /** Variables for a process that sees both, and no other. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** SwiftShader's name, and another name of the same length, for a twin with a different name. */
const [NAME, OTHER_NAME] = ["SwiftShader Device", "SwiftShader Double"];

/** With `renamed` the second has another name, though still the UUID of the first. */
export async function makeTwins(renamed = false): Promise<Twins> {
  const environment = await swiftShaderEnvironment();
  const manifest = environment.VK_DRIVER_FILES;
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-twins-"));
  const library = await readFile(join(dirname(manifest), "libvk_swiftshader.so"));
  if (renamed) library.write(OTHER_NAME, library.indexOf(NAME));
  // The manifest has the path of the library relative to its own folder.
  await writeFile(join(folder, "libvk_swiftshader.so"), library);
  await writeFile(join(folder, basename(manifest)), await readFile(manifest));
  return {
    environment: { ...environment, VK_DRIVER_FILES: `${manifest}:${join(folder, basename(manifest))}` },
    remove: () => rm(folder, { recursive: true }),
  };
}
