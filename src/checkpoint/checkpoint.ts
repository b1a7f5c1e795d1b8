/**
 * A checkpoint is all that a run needs to go on as if it had never stopped: the parameters, the optimizer's state, the
 * configuration and the step. The position in the data follows from the step.
 *
 * On disk it is a folder, `step-0000001234/`, of three files: the parameters in `model.safetensors`, which other
 * programs can read; the optimizer's state in `optimizer.safetensors`; and `manifest.json`, which describes the two
 * files and their bytes.
 */
import type { DataIdentity } from "../data/identity.js";
import type { NamedTensor } from "./safetensors.js";

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
/** An object of JSON. */
export type JsonObject = { readonly [key: string]: Json };

/** The state of a run at a step: everything that the run needs to go on. */
export interface Checkpoint {
  /** Updates made so far: the number of the next step. */
  readonly step: number;
  /** Passes over the data so far. */
  readonly epoch: number;
  /** Every seed of the run, by its use. */
  readonly seeds: Readonly<Record<string, number>>;
  /** Configuration of the trainer, not interpreted here. */
  readonly configuration: JsonObject;
  /** The training data; absent in checkpoints of format 1. */
  readonly data?: DataIdentity;
  /** The model in a line, for display: `784-1000-500-250-30`. */
  readonly architecture: string;
  readonly parameters: readonly NamedTensor[];
  readonly optimizer: readonly NamedTensor[];
}

export const MODEL_FILE = "model.safetensors";
export const OPTIMIZER_FILE = "optimizer.safetensors";
export const MANIFEST_FILE = "manifest.json";

/** `step-0000001234` */
export function folderName(step: number): string {
  return `step-${String(step).padStart(10, "0")}`;
}

/** The step in a checkpoint folder's name; undefined for any other name. */
export function stepOf(name: string): number | undefined {
  const digits = /^step-(\d{10,15})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
