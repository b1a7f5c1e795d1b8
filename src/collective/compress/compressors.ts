/** Compressors by name: those of the package, those that users add, and those that users give as modules. */
import { type AskedChoice, loadChoice } from "../../choice.js";
import { Definitions } from "../../definitions.js";
import type { CompressorDefinition, CompressorFactory } from "./compressor.js";
import { f16 } from "./f16.js";
import { int8 } from "./int8.js";
import { none } from "./none.js";
import { onebit } from "./onebit.js";
import { powersgd } from "./powersgd.js";
import { topk } from "./topk.js";

/** Every compressor by name: those of the package, and those that users add. */
export const compressors = new Definitions<CompressorDefinition>("compressor", [
  none,
  f16,
  int8,
  topk,
  onebit,
  powersgd,
]);

/** Names of the compressors of the package. */
export const COMPRESSORS = compressors.names();

/** The option of a compressor whose value may be given without its name: `topk:0.01` means `topk:share=0.01`. */
export const mainOption = (name: string): string | undefined =>
  compressors.has(name) ? compressors.get(name).main : undefined;

/** @throws UsageError for an unknown name, or a module without a compressor */
export const loadCompressor = (choice: AskedChoice): Promise<CompressorFactory> =>
  loadChoice<CompressorFactory>(choice, {
    what: "compressor",
    names: () => compressors.names(),
    find: (name) => (compressors.has(name) ? compressors.get(name).make : undefined),
    isOne: (exported): exported is CompressorFactory => typeof exported === "function",
    kind: "function",
    example: "export default function (options) { ... }",
  });
