/**
 * Whose device is lost fails of that, whatever it was about to do: the word that it is lost comes as one message among
 * others, and what is done before it is read finds the device gone.
 */
import { type Device, DeviceLostError } from "../../device/device.js";
import { DawnpourError } from "../../error.js";

/** What an actor fails of when its device is lost. */
export const lossOf = (why: string): DawnpourError => new DawnpourError(`its device was lost (${why})`);

/** The outcome of `doing`; where that fails because `device` is gone, it fails of the loss. */
export async function blamingLoss<T>(device: Device, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw error instanceof DeviceLostError ? lossOf((await device.lost).message) : error;
  }
}
