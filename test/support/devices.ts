/**
 * Every device present: what runs on one must run on all. The reference stands for itself; the CPU device comes with one
 * thread, with as many as the machine has, and with each instruction set the chip offers.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { cpuDeviceInfo, openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { CpuDeviceOptions, InstructionSet } from "../../src/device/cpu/cpu-options.js";
import type { Device } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";

export interface DeviceUnderTest {
  readonly name: string;
  open(): Promise<Device>;
}

function cpus(): DeviceUnderTest[] {
  const { driver: best, features } = cpuDeviceInfo();
  const cpu = (name: string, options: CpuDeviceOptions): DeviceUnderTest => ({
    name: `cpu, ${name}`,
    open: async () => openCpuDevice(options),
  });
  const others = features.filter((isa) => isa !== best);
  return [
    cpu(`${best}`, {}),
    cpu(`${best}, 1 thread`, { threads: 1 }),
    ...others.map((isa) => cpu(isa, { isa: isa as InstructionSet })),
  ];
}

export const DEVICES: readonly DeviceUnderTest[] = [
  { name: "reference", open: async () => openReferenceDevice() },
  ...cpus(),
];

/** Declares `tests` once for each device present, with a device of its own that is open while they run. */
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
