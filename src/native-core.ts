/**
 * The native core: one addon; each user of a part describes its interface. A prebuilt binary where one fits this
 * platform, else what `npm install` compiled.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DawnpourError } from "./error.js";

/** The folder of the package, in which the core and the files that come with it lie. */
export const PACKAGE_FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** Neither there nor to be had; the message says why, and what to do. */
export class NativeCoreError extends DawnpourError {
  override name = "NativeCoreError";
}

const require = createRequire(import.meta.url);

let loaded: unknown;

/**
 * @returns the addon, as what the caller knows of it
 * @throws NativeCoreError when there is no binary for this platform
 */
export function nativeCore<Part>(): Part {
  loaded ??= explained(() => require(nativeCorePath()));
  return loaded as Part;
}

/** Where the core lies. Throws as `nativeCore` does. */
export function nativeCorePath(): string {
  const { path } = require("node-gyp-build") as { path(folder: string): string };
  return explained(() => path(PACKAGE_FOLDER));
}

function explained<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof NativeCoreError) throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NativeCoreError(
      `the native core cannot be loaded (${reason}): run "npm rebuild dawnpour" with a C++20 compiler installed`,
      { cause: error },
    );
  }
}
