/** How the workers of a run multiply matrices. */
import type { Arithmetic } from "../device/cpu/arithmetic.js";
import { cpuDeviceInfo } from "../device/cpu/cpu-device.js";
import { arithmeticOf, refuseArithmetic } from "../device/open.js";
import type { WorkerPlace } from "./placement.js";

/**
 * The place of a worker, with the arithmetic of the run unless the place names its own; `describe` shows it.
 * @throws ArithmeticError when its device cannot
 */
export function withArithmetic(place: WorkerPlace, arithmetic: Arithmetic): WorkerPlace {
  if (place.open.device !== "cpu") {
    refuseArithmetic(arithmetic);
    return place;
  }
  if (place.open.arithmetic !== undefined) return place;
  const { f32 = "fma", bf16 = "fma" } = cpuDeviceInfo({ arithmetic }).arithmetic ?? {};
  const how = [bf16, f32].filter((name) => name !== "fma");
  return { ...place, open: { ...place.open, arithmetic }, describe: [place.describe, ...how].join(", ") };
}

/** The arithmetic of all workers; undefined where they differ: then the run does not repeat exactly. */
export function commonArithmetic(places: readonly WorkerPlace[]): Arithmetic | undefined {
  const names = new Set(
    places.map(({ open: { device, arithmetic } }) =>
      device === "cpu" ? arithmeticOf(cpuDeviceInfo({ arithmetic })) : "fma",
    ),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

/** Whether all compute the same bits: GPUs of one name do, and so does the CPU, on any number of threads, where it multiplies in one way. */
export function computeSameBits(places: readonly WorkerPlace[]): boolean {
  const bits = places.map(({ open: { device, arithmetic }, describe }) =>
    device === "cpu" ? cpuDeviceInfo({ arithmetic }).bits : describe.split(",")[0],
  );
  return new Set(bits).size <= 1;
}

/** A warning for devices that do not compute the same bits. */
export const MIXED_DEVICES =
  "the devices are of different kinds, which compute slightly different bits: the replicas are kept in step, but another run will not repeat this one exactly";
