import { expect, it } from "vitest";
import type { Arithmetic } from "../../src/device/cpu/arithmetic.js";
import { cpuDeviceInfo } from "../../src/device/cpu/cpu-device.js";
import { commonArithmetic, computeSameBits, withArithmetic } from "../../src/placement/arithmetic.js";
import type { WorkerPlace } from "../../src/placement/placement.js";

const cpu = (arithmetic?: Arithmetic): WorkerPlace => ({
  label: "device-0",
  open: { device: "cpu", threads: 1, ...(arithmetic && { arithmetic }) },
  describe: "CPU, 1 thread",
});
const gpu: WorkerPlace = { label: "device-1", open: { device: "webgpu" }, describe: "H200, 1" };

it("a worker on the CPU is opened as the run asks for, and tells of the unit that it has", () => {
  const { f32, bf16 } = cpuDeviceInfo().arithmetic ?? {};
  const place = withArithmetic(cpu(), "auto");
  expect(place.open).toEqual({ device: "cpu", threads: 1, arithmetic: "auto" });
  expect(place.describe).toBe(["CPU, 1 thread", ...[bf16, f32].filter((name) => name !== "fma")].join(", "));
  expect(withArithmetic(place, "fma")).toBe(place);
});

it("a GPU has fma, and is refused where another is asked for", () => {
  expect(withArithmetic(gpu, "fma")).toBe(gpu);
  expect(withArithmetic(gpu, "auto")).toBe(gpu);
  expect(() => withArithmetic(gpu, "bf16x3")).toThrow(/only the CPU device has the arithmetic bf16x3/);
});

it("workers have one arithmetic, or none in common", () => {
  expect(commonArithmetic([cpu("fma"), cpu("fma")])).toBe("fma");
  expect(commonArithmetic([cpu(), cpu("auto")])).toBe(cpuDeviceInfo().arithmetic?.f32);
  expect(commonArithmetic([gpu, cpu("fma")])).toBe("fma");
  const other = cpuDeviceInfo().arithmetic?.f32 === "fma" ? "fma" : undefined;
  expect(commonArithmetic([gpu, cpu()])).toBe(other);
});

it("places that compute the same bits are known: by the GPU's name, and on the CPU by how it multiplies", () => {
  const named = (describe: string): WorkerPlace => ({ ...gpu, describe });
  expect(computeSameBits([cpu("fma"), { ...cpu("fma"), describe: "CPU, 2 threads" }])).toBe(true);
  expect(computeSameBits([named("NVIDIA H200, 8f6ab5a0"), named("NVIDIA H200, 8f6ab5a0#2")])).toBe(true);
  expect(computeSameBits([named("NVIDIA H200, 8f6ab5a0"), cpu()])).toBe(false);
  const hasUnit = cpuDeviceInfo().arithmetic?.f32 !== "fma";
  expect(computeSameBits([cpu("auto"), cpu("fma")])).toBe(!hasUnit);
});
