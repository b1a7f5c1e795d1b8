/**
 * Whose device is lost fails of that, whatever it was about to do: the word that it is lost comes as one message among
 * others, and what is done before it is read finds the device gone.
 */
import { DeviceLostError } from "../device/device.js";
import { DawnpourError } from "../error.js";

/** What an actor does with its device. */
export async function ofLoss<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    if (!(error instanceof DeviceLostError)) throw error;
    throw new DawnpourError(`its device was lost (${error.message})`, { cause: error });
  }
}
