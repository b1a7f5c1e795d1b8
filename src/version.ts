/** The version of this package, as its package.json says. */
import { createRequire } from "node:module";

const manifest: { version: string } = createRequire(import.meta.url)("../package.json");

/** `0.1.0` */
export const version = manifest.version;
