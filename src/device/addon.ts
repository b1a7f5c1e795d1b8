/** The native core: one addon, of which each part is described where it is used. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { NoDeviceError } from "./device.js";

/** The folder of the package, in which the addon and the files that come with it lie. */
export const PACKAGE_FOLDER = fileURLToPath(new URL("../..", import.meta.url));

const require = createRequire(import.meta.url);

/**
 * Loads the core: a prebuilt binary where one fits this platform, else what `npm install` compiled.
 * @throws NoDeviceError when there is neither
 */
export function loadAddon(): unknown {
  const path = addonPath();
  try {
    return require(path);
  } catch (error) {
    throw cannotLoad(error);
  }
}

/** Where the core lies. Throws as `loadAddon` does. */
export function addonPath(): string {
  const { path } = require("node-gyp-build") as { path(folder: string): string };
  try {
    return path(PACKAGE_FOLDER);
  } catch (error) {
    throw cannotLoad(error);
  }
}

function cannotLoad(error: unknown): NoDeviceError {
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new NoDeviceError(
    `the native core cannot be loaded (${reason}): run "npm rebuild dawnpour" with a C++20 compiler installed`,
  );
}
