/** Compressors by name, users' own among them, and those that users bring as modules. */
import { type AskedChoice, loadChoice, optionsOf } from "../../choice.js";
import { Definitions } from "../../definitions.js";
import type { Compressor, CompressorDefinition, CompressorFactory } from "./compressor.js";
import { f16 } from "./f16.js";
import { none } from "./none.js";

/** Every compressor by name: those of the package, and those that users add. */
export const compressors = new Definitions<CompressorDefinition>("compressor", [none, f16]);

/** Names of those that come with the package. */
export const COMPRESSORS = compressors.names();

/**
 * Undefined where contributions travel as they are.
 * @throws UsageError when there is none of that name, when the module has none, or for its options
 */
export async function loadCompressor(choice: AskedChoice): Promise<Compressor | undefined> {
  const make = await loadChoice<CompressorFactory>(choice, {
    what: "compressor",
    names: () => compressors.names(),
    find: (name) => (compressors.has(name) ? compressors.get(name).make : undefined),
    isOne: (exported): exported is CompressorFactory => typeof exported === "function",
    kind: "function",
    example: "export default function (options) { ... }",
  });
  return make(optionsOf(choice));
}
