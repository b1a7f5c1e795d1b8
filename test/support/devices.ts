import { afterAll, beforeAll, describe } from "vitest";
import type { Device } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";

export interface DeviceUnderTest {
  readonly name: string;
  open(): Promise<Device>;
}

async function devicesPresent(): Promise<DeviceUnderTest[]> {
  return [{ name: "reference", open: async () => openReferenceDevice() }];
}

export const DEVICES = await devicesPresent();

export function describeEveryDevice(tests: (device: () => Device) => void): void {
  describe.each(DEVICES)("$name", ({ open }) => {
    let device: Device;
    beforeAll(async () => {
      device = await open();
    });
    afterAll(() => device.destroy());
    tests(() => device);
  });
}
