/**
 * Loads a module and what it imports by `require`, one file after the other. `import` opens all the files at once: too many where
 * the limit on open files is small (`ulimit -n 64`).
 */
import { createRequire } from "node:module";

/**
 * @param specifier a module that has no top-level `await`, nor imports one that has
 * @param from the `import.meta.url` of the caller
 */
export async function loadModule<Module>(specifier: string, from: string): Promise<Module> {
  // Some releases of Node 21 and 22 have no `require` of ES modules.
  return process.features.require_module ? createRequire(from)(specifier) : import(new URL(specifier, from).href);
}
