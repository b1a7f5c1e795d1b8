/**
 * Loads a program's modules one file after the other, by `require`. `import` opens all of them at once, which is more than a
 * small limit on open files allows (`ulimit -n 64`).
 */
import { createRequire } from "node:module";

/**
 * @param specifier without top-level `await` in it or below it
 * @param from the `import.meta.url` of the caller
 */
export async function loadModule<Module>(specifier: string, from: string): Promise<Module> {
  // Some releases of Node 21 and 22 have no `require` of ES modules.
  return process.features.require_module ? createRequire(from)(specifier) : import(new URL(specifier, from).href);
}
