/** What all devices have in common: how they end. */
import type { ElementType } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import type { Bindings, Device, DeviceBuffer, DeviceInfo, DeviceLoss, Executable } from "../device.js";
import type { Life } from "./life.js";

export abstract class CommonDevice implements Device {
  abstract readonly info: DeviceInfo;
  abstract createBuffer<T extends ElementType>(type: T, length: number, label: string): DeviceBuffer<T>;
  abstract compile(program: Program, bindings?: Bindings): Promise<Executable>;
  abstract idle(): Promise<void>;
  abstract destroy(): void;
  protected abstract readonly life: Life;

  get lost(): Promise<DeviceLoss> {
    return this.life.lost;
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Destroys the device after it has done what was enqueued. Does not wait for a device that is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.idle().catch(() => undefined);
    this.destroy();
  }
}
