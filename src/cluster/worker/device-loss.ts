/**
 * An actor whose device is lost fails, with the loss as its reason. The device reports the loss by a message. An operation that
 * runs before the actor reads this message fails with `DeviceLostError`.
 */
import { DeviceLostError } from "../../device/device.js";
import type { DeviceGroup } from "../../device/device-group.js";
import { DawnpourError } from "../../error.js";

/** The error of an actor whose device is lost. */
export const lossOf = (why: string): DawnpourError => new DawnpourError(`its device was lost (${why})`);

/** The result of `doing`. If it fails because `device` is lost, the error says why the device was lost. */
export async function blamingLoss<T>(device: Pick<DeviceGroup, "lost">, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw error instanceof DeviceLostError ? lossOf((await device.lost).message) : error;
  }
}
