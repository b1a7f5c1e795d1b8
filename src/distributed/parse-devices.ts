/**
 * The words by which people name the devices of a run, `--devices cpu:2,gpu,H200*3`:
 *
 *     devices = device, { ",", device } ;
 *     device  = name, [ "*", workers ] ;
 *     name    = "cpu", [ ":", threads ]   (* the CPU; without threads the CPU workers share the cores *)
 *             | "gpu"                     (* every hardware GPU: a worker each *)
 *             | "webgpu"                  (* the best GPU, a software one where there is no other *)
 *             | part of a GPU's name | beginning of its UUID, [ "#", ordinal ] ;
 *
 * A device may be named several times. Which ones are there is no matter of this page.
 */
import { MOST_THREADS } from "../device/cpu/cpu-options.js";
import { UsageError } from "../error.js";

export type DeviceSpec = {
  /** How many workers each device that is meant gets. */
  readonly workers: number;
} & (
  | { readonly kind: "cpu"; readonly threads?: number }
  | { readonly kind: "gpu" }
  | { readonly kind: "webgpu" }
  | { readonly kind: "named"; readonly name: string }
);

export const DEVICE_WORDS = ["cpu", "gpu", "webgpu"] as const;
export const MOST_WORKERS = 1024;

/** @throws UsageError for what is no list of devices */
export function parseDevices(text: string): DeviceSpec[] {
  return text.split(",").map((part) => parseDevice(part.trim(), text));
}

function parseDevice(part: string, text: string): DeviceSpec {
  const [, name, times] = /^(.*?)(?:\*([^*]*))?$/s.exec(part) ?? [];
  if (!name) {
    throw new UsageError(
      `devices "${text}": ${part ? `"${part}" names no device` : "a name is missing"}: write as in cpu:2,gpu,H200*3`,
    );
  }
  const workers = times === undefined ? 1 : wholeFrom1(times, "workers", part, MOST_WORKERS);
  const [word, ...threads] = name.split(":");
  switch (word.trim().toLowerCase()) {
    case "cpu":
      if (threads.length === 0) return { kind: "cpu", workers };
      return { kind: "cpu", workers, threads: wholeFrom1(threads.join(":"), "threads", part, MOST_THREADS) };
    case "gpu":
    case "webgpu":
      if (threads.length === 0) return { kind: word.trim().toLowerCase() as "gpu" | "webgpu", workers };
      throw new UsageError(`device "${part}": only the CPU takes a number of threads: write ${word}`);
    default:
      return { kind: "named", name: name.trim(), workers };
  }
}

function wholeFrom1(text: string, what: string, part: string, most: number): number {
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new UsageError(
    `device "${part}": the number of ${what} must be a whole number from 1 to ${most}, got "${text}"`,
  );
}
