/**
 * The device of a node, tuned. What was found before is used at once; a node that is to race does that before anybody hears
 * of it, once for what its device has not met before, and the run goes on without it meanwhile.
 */
import type { Device } from "../device/device.js";
import type { OpenOptions } from "../device/open.js";
import { openDevice } from "../device/open.js";
import type { Program } from "../program/program.js";
import { openTunedDevice } from "../tuning/open.js";
import type { TuneOptions } from "../tuning/tuner.js";
import type { World } from "../world/world.js";

/** The default kernels, those found best before, or those and races for the rest. */
export type Tuning = "default" | "known" | "race";

export interface NodeDevice {
  readonly open: OpenOptions;
  readonly tuning: Tuning;
}

/** Seconds of races, at most. */
const SECONDS = 15;

/**
 * @param programs that the device is going to run
 * @param options for tests: which races are run
 */
export async function openNodeDevice(
  world: World,
  { open, tuning }: NodeDevice,
  programs: readonly Program[],
  options: Pick<TuneOptions, "race" | "signal"> = {},
): Promise<Device> {
  if (tuning === "default") return openDevice(open);
  const { device, tuner } = await openTunedDevice(world, open);
  if (!tuner || tuning === "known") return device;
  const end = world.clock.now() + 1000 * SECONDS;
  try {
    for (const program of programs) {
      const seconds = Math.max(0, (end - world.clock.now()) / 1000);
      await tuner.tune(program, { ...options, seconds });
    }
    return device;
  } catch (error) {
    device.destroy();
    throw error;
  }
}
