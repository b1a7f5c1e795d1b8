/**
 * An actor whose device is lost fails with that loss as its reason. The notice of the loss arrives as a message; an
 * operation that runs before that message is read finds the device gone.
 */
import { DeviceLostError } from "../../device/device.js";
import type { DeviceGroup } from "../../device/device-group.js";
import { DawnpourError } from "../../error.js";

/** The error of an actor whose device is lost. */
export const lossOf = (why: string): DawnpourError => new DawnpourError(`its device was lost (${why})`);

/** The result of `doing`. If it fails because `device` is gone, the error is the loss. */
export async function blamingLoss<T>(device: Pick<DeviceGroup, "lost">, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw error instanceof DeviceLostError ? lossOf((await device.lost).message) : error;
  }
}
