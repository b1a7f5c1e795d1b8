/** The version of this package, as its package.json says. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DawnpourError } from "./error.js";

/** `0.1.0` */
export const version = ownManifest().version;

/** In a bundle there is no package.json beside this code, or it is that of another program. */
function ownManifest(): { readonly version: string } {
  try {
    const manifest = createRequire(import.meta.url)("../package.json") as { name: string; version: string };
    if (manifest.name === "dawnpour") return manifest;
  } catch {
    // The error below says so.
  }
  throw new DawnpourError(
    `dawnpour cannot run from the bundle ${fileURLToPath(import.meta.url)}: its native core and workers are files of its package: leave it out of the bundle, as with esbuild --external:dawnpour`,
  );
}
