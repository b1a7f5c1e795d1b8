/**
 * Every device of the machine, since a program must run on all of them: the reference, the CPU with all its threads, with one
 * thread, and with each instruction set, unit and arithmetic, and WebGPU with each adapter.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { cpuCore } from "../../src/device/cpu/addon.js";
import { cpuDeviceInfo, openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { INSTRUCTION_SETS, type InstructionSet } from "../../src/device/cpu/cpu-options.js";
import type { Device, DeviceKind } from "../../src/device/device.js";
import { listDevices, openDevice } from "../../src/device/open.js";
import type { Float } from "../../src/program/buffer.js";
import { FULL } from "./full.js";

export interface DeviceUnderTest {
  readonly name: string;
  readonly kind: DeviceKind;
  open(): Promise<Device>;
}

const REFERENCE: DeviceUnderTest = {
  name: "reference",
  kind: "reference",
  open: () => openDevice({ device: "reference" }),
};

/** Each unit for pairs of bfloat16, with the best instruction set that it can be used with: the models, if the chip has none. */
export function unitsUnderTest(): { isa: InstructionSet; unit: string }[] {
  const { features } = cpuDeviceInfo();
  const found = INSTRUCTION_SETS.filter((isa) => features.includes(isa)).flatMap((isa) =>
    cpuCore()
      .pairUnits(isa)
      .map(({ name }) => ({ isa, unit: name })),
  );
  return found.filter(({ unit }, i) => found.findIndex((other) => other.unit === unit) === i);
}

function cpus(): DeviceUnderTest[] {
  const { driver: best, features } = cpuDeviceInfo();
  const others = INSTRUCTION_SETS.filter((isa) => features.includes(isa) && isa !== best);
  return [
    { name: `cpu, ${best}`, kind: "cpu", open: async () => openCpuDevice() },
    { name: `cpu, ${best}, one thread`, kind: "cpu", open: async () => openCpuDevice({ threads: 1 }) },
    { name: `cpu, ${best}, fma`, kind: "cpu", open: async () => openCpuDevice({ arithmetic: "fma", unit: "none" }) },
    ...unitsUnderTest().map(({ isa, unit }) => ({
      name: `cpu, ${isa}, ${unit}, bf16x3`,
      kind: "cpu" as const,
      open: async () => openCpuDevice({ isa, unit, arithmetic: "bf16x3" }),
    })),
    ...others.map((isa) => ({ name: `cpu, ${isa}`, kind: "cpu" as const, open: async () => openCpuDevice({ isa }) })),
  ];
}

async function adapters(): Promise<DeviceUnderTest[]> {
  const listed = (await listDevices()).filter(({ kind }) => kind === "webgpu");
  return listed.map(({ name }) => ({
    name: `webgpu, ${name}`,
    kind: "webgpu",
    open: () => openDevice({ device: "webgpu", adapter: name }),
  }));
}

/** Whether a device lacks a type: WebGPU has no bf16, and f16 where the adapter has the feature. */
export function lacks({ info }: Device, type: Float): boolean {
  return info.kind === "webgpu" && (type === "bf16" || (type === "f16" && !info.features.includes("shader-f16")));
}

export const DEVICES: readonly DeviceUnderTest[] = [REFERENCE, ...cpus(), ...(await adapters())];

/**
 * Whether to test only what covers all code of a device: a software GPU takes half a second to compile a kernel, and the sizes
 * are constants of the kernels. `npm run test:full` has all of it.
 */
export const isBrief = (kind: DeviceKind): boolean => kind === "webgpu" && !FULL;

/** Declares `tests` once for each device of the machine. The device is open while they run. */
export function describeEveryDevice(tests: (device: () => Device, kind: DeviceKind) => void): void {
  describe.each(DEVICES)("$name", ({ open, kind }) => {
    let device: Device;
    beforeAll(async () => {
      device = await open();
    });
    afterAll(() => device.destroy());
    tests(() => device, kind);
  });
}
