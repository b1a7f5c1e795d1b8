/**
 * The device of a node, with the kernels that were found best for it before. A node runs no races of its own: others would
 * train on the same GPU meanwhile, and what was found among them would stay.
 */
import type { Device } from "../device/device.js";
import { type OpenOptions, openDevice } from "../device/open.js";
import type { World } from "../world/world.js";

export interface NodeDevice {
  readonly open: OpenOptions;
  /** Otherwise it has the default kernels. */
  readonly tuned: boolean;
}

/** @param warn is told why what was found cannot be used, if so */
export async function openNodeDevice(
  world: World,
  { open, tuned }: NodeDevice,
  warn: (message: string) => void,
): Promise<Device> {
  // The CPU has nothing to tune, and its workers start sooner without.
  if (!tuned || open.device === "cpu") return openDevice(open);
  const { openTunedDevice } = await import("../tuning/open.js");
  const { device } = await openTunedDevice(world, open, (event) => event.event === "warning" && warn(event.message));
  return device;
}
