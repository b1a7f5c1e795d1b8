/**
 * The syntax of `--devices cpu:2,gpu,H200*3`:
 *
 *     devices = device, { ",", device } ;
 *     device  = name, [ "*", workers ] ;
 *     name    = "cpu", [ ":", threads ]   (* the CPU; without threads the CPU workers share the cores *)
 *             | "gpu"                     (* every hardware GPU: a worker each *)
 *             | "webgpu"                  (* the best GPU, a software one where there is no other *)
 *             | part of a GPU's name | beginning of its UUID, [ "#", ordinal ] ;
 *
 * A device may be named several times. The parser does not look which devices there are.
 */
import { MOST_THREADS } from "../device/cpu/cpu-options.js";
import { brief, UsageError } from "../error.js";

/** Devices as they were asked for. */
export type DeviceSpec = {
  /** Workers of each device that the name matches. */
  readonly workers: number;
} & (
  | { readonly kind: "cpu"; readonly threads?: number }
  | { readonly kind: "gpu" }
  | { readonly kind: "webgpu" }
  | { readonly kind: "named"; readonly name: string }
);

export const DEVICE_WORDS = ["cpu", "gpu", "webgpu"] as const;
export const MOST_WORKERS = 1024;

/**
 * Reads a list of devices as `--devices` takes it: `cpu:2*3`, `gpu,cpu:4`, names, UUIDs.
 * @throws UsageError for text that is no list of devices
 * @example
 * ```ts
 * import { parseDevices } from "dawnpour/distributed";
 *
 * const [cpu, gpu] = parseDevices("cpu:2*3,webgpu");
 * console.log(cpu.kind, cpu.workers, gpu.kind); // cpu 3 webgpu
 * ```
 */
export function parseDevices(text: string): DeviceSpec[] {
  return text.split(",").map((part) => parseDevice(part.trim(), text));
}

function parseDevice(part: string, text: string): DeviceSpec {
  const [name, times, ...more] = part.split("*").map((each) => each.trim());
  const mistake = part === "" ? "a name is missing" : name === "" ? "it names no device" : "more than one *";
  if (name === "" || more.length > 0) {
    throw new UsageError(
      `${part ? "device" : "devices"} ${brief(part || text)}: ${mistake}: write as in cpu:2,gpu,H200*3`,
    );
  }
  const workers = times === undefined ? 1 : wholeFrom1(times, "workers", part, MOST_WORKERS);
  const [, word = "", threads] = /^(cpu|gpu|webgpu)(?::(.*))?$/is.exec(name) ?? [];
  const kind = word.toLowerCase() as (typeof DEVICE_WORDS)[number] | "";
  if (kind === "") return { kind: "named", name, workers };
  if (threads === undefined) return { kind, workers };
  if (kind !== "cpu")
    throw new UsageError(`device ${brief(part)}: only the CPU takes a number of threads: write ${word}`);
  return { kind, workers, threads: wholeFrom1(threads, "threads", part, MOST_THREADS) };
}

function wholeFrom1(text: string, what: string, part: string, most: number): number {
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(
    `device ${brief(part)}: the number of ${what} must be a whole number from 1 to ${most}, got ${brief(text)}`,
  );
}
