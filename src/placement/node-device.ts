/**
 * The device of a node, with the kernels that an earlier tuning found best. A node does not tune: other nodes may use
 * the same GPU meanwhile, and the record would keep what was measured among them.
 */
import type { Device } from "../device/device.js";
import { type OpenOptions, openDevice } from "../device/open.js";
import type { World } from "../world/world.js";

export interface NodeDevice {
  readonly open: OpenOptions;
  /** False: the device has the default kernels. */
  readonly tuned: boolean;
}

/** @param warn called with the reason if the tuned kernels cannot be used */
export async function openNodeDevice(
  world: World,
  { open, tuned }: NodeDevice,
  warn: (message: string) => void,
): Promise<Device> {
  // A CPU has nothing to tune, and its workers start sooner this way.
  if (!tuned || open.device === "cpu") return openDevice(open);
  const { openTunedDevice } = await import("../tuning/open.js");
  const { device } = await openTunedDevice(world, open, (event) => event.event === "warning" && warn(event.message));
  return device;
}
