/**
 * Whether a device is alive, and how it ended. Dawn holds its callbacks for as long as a device may still report something,
 * so what they hold is this and nothing of the GPU: a device that only its own callbacks held would never be collected.
 */
import { type DeviceLoss, DeviceLostError } from "../device.js";

export class Life {
  readonly lost: Promise<DeviceLoss>;
  readonly #name: string;
  #loss: DeviceLoss | undefined;
  #settle: (loss: DeviceLoss) => void = () => {};

  /** @param name of the device, for errors */
  constructor(name: string) {
    this.#name = name;
    this.lost = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** @throws DeviceLostError, as every call on a device that is gone does */
  check(): void {
    if (!this.#loss) return;
    const { reason, message } = this.#loss;
    const how = reason === "destroyed" ? "was destroyed" : `was lost: ${message}`;
    throw new DeviceLostError(`device ${this.#name} ${how}; open it again to go on`);
  }

  /** Only the first end counts. */
  end({ reason, message }: DeviceLoss): void {
    if (this.#loss) return;
    this.#loss = { reason, message: oneLine(message) };
    this.#settle(this.#loss);
  }
}

export function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").trim();
}
