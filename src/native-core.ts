/**
 * The native core: one addon, whose parts are described by those who use them. A prebuilt binary where one fits this
 * platform, else what `npm install` compiled.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DawnpourError } from "./error.js";

/** Neither there nor to be had; the message says why, and what to do. */
export class NativeCoreError extends DawnpourError {
  override name = "NativeCoreError";
}

let loaded: unknown;

/**
 * @returns the addon, as what the caller knows of it
 * @throws NativeCoreError when there is no binary for this platform
 */
export function nativeCore<Part>(): Part {
  loaded ??= load();
  return loaded as Part;
}

function load(): unknown {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const loadFrom = createRequire(import.meta.url)("node-gyp-build") as (folder: string) => unknown;
  try {
    return loadFrom(root);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NativeCoreError(
      `the native core cannot be loaded (${reason}): run "npm rebuild dawnpour" with a C++20 compiler installed`,
    );
  }
}
