/**
 * The native core: one addon. Each folder that calls a part of it describes the interface of that part. The addon is a prebuilt
 * binary where one fits this platform, else the one that `npm install` compiled.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DawnpourError } from "./error.js";
import { NATIVE_SOURCES } from "./native-sources.js";

/** The folder of the package, with the core and the files that the core needs. */
export const PACKAGE_FOLDER = fileURLToPath(new URL("..", import.meta.url));

/** The native core cannot be used. The message says why, and what to do. */
export class NativeCoreError extends DawnpourError {
  override name = "NativeCoreError";
}

const require = createRequire(import.meta.url);

let loaded: unknown;

/**
 * @returns the addon, with the interface that the caller knows
 * @throws NativeCoreError when there is no binary for this platform, or the binary was built from other sources
 */
export function nativeCore<Part>(): Part {
  loaded ??= loadCore();
  return loaded as Part;
}

function loadCore(): unknown {
  const path = nativeCorePath();
  const core = explained(() => require(path)) as { readonly sources?: string };
  if (core.sources === NATIVE_SOURCES) return core;
  const isPrebuilt = path.includes("prebuilds");
  const advice = isPrebuilt ? 'run "npm run prebuild:linux", or remove prebuilds' : 'run "npm run build:native"';
  throw new NativeCoreError(
    `the native core ${path} was built from other sources than this Dawnpour, and would compute other numbers: ${advice}`,
  );
}

/** The path of the core. Throws as `nativeCore` does. */
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
