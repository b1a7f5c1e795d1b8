/**
 * Whether a device is alive, and how it ended. Dawn keeps its callbacks for as long as a device may still report something. The
 * callbacks therefore refer to this object, and to nothing of the GPU: a callback that refers to its own device would keep
 * the device from ever being collected.
 */
import { type DeviceLoss, DeviceLostError } from "../device.js";

export class Life {
  readonly lost: Promise<DeviceLoss>;
  readonly #name: string;
  #loss: DeviceLoss | undefined;
  #settle: (loss: DeviceLoss) => void = () => {};

  /** @param name the name of the device, for errors */
  constructor(name: string) {
    this.#name = name;
    this.lost = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** @throws DeviceLostError when the device is gone */
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
