import { describe, expect, it } from "vitest";
import { ArithmeticError } from "../../src/device/cpu/arithmetic.js";
import type { DeviceInfo } from "../../src/device/device.js";
import { whyNoAdapter } from "../../src/device/no-adapter.js";
import {
  checkArithmetic,
  type DeviceChoice,
  listDevices,
  type OpenOptions,
  openDevice,
  refuseContradictions,
} from "../../src/device/open.js";
import { UsageError } from "../../src/error.js";

describe("listDevices", () => {
  it("lists every adapter and the CPU, and marks the one that auto takes", async () => {
    const devices = await listDevices();
    expect(devices.filter(({ kind }) => kind === "cpu")).toHaveLength(1);
    const auto = devices.filter((device) => device.auto);
    expect(auto).toHaveLength(1);
    const hardware = devices.some(({ kind, software }) => kind === "webgpu" && !software);
    expect(auto[0].kind).toBe(hardware ? "webgpu" : "cpu");
    const taken = await openDevice();
    expect(taken.info.id).toBe(auto[0].id);
    taken.destroy();
  });

  it("tells limits and features of an adapter", async () => {
    const adapter = (await listDevices()).find(({ kind }) => kind === "webgpu");
    expect(adapter?.limits.maxStorageBufferBindingSize).toBeGreaterThan(0);
    expect(adapter?.features).toContain("core-features-and-limits");
    expect(adapter?.driver).toMatch(/\S/);
  });
});

describe("openDevice", () => {
  it("takes an adapter by part of its name", async () => {
    const [{ name }] = (await listDevices()).filter(({ kind }) => kind === "webgpu");
    const device = await openDevice({ device: "webgpu", adapter: name.slice(1, 6).toUpperCase() });
    expect(device.info.name).toBe(name);
    device.destroy();
  });

  it("suggests the device that was meant", async () => {
    const opened = openDevice({ device: "wegbpu" as DeviceChoice });
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow('unknown device "wegbpu": did you mean "webgpu"?');
  });

  it("names the adapters there are when asked for another", async () => {
    const [{ name }] = (await listDevices()).filter(({ kind }) => kind === "webgpu");
    const opened = openDevice({ device: "webgpu", adapter: "Voodoo 2" });
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow(name);
  });
});

describe("options that no device would use together", () => {
  it.each<[OpenOptions, RegExp]>([
    [
      { device: "cpu", adapter: "H200" },
      /^the adapter "H200" belongs to the device webgpu, but the device is cpu: leave one/,
    ],
    [{ device: "reference", adapter: "H200" }, /but the device is reference: leave one/],
    [{ device: "webgpu", threads: 2 }, /^only the CPU device has threads, but the device is webgpu: leave/],
    [{ device: "reference", threads: 2 }, /but the device is reference: leave threads/],
    [{ adapter: "H200", threads: 2 }, /but the device is "H200": leave threads/],
  ])("%j are refused", async (options, message) => {
    const opened = openDevice(options);
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow(message);
  });

  it("auto may take the CPU, which uses threads", () => {
    expect(() => refuseContradictions({ threads: 2 })).not.toThrow();
    expect(() => refuseContradictions({ device: "webgpu", adapter: "H200" })).not.toThrow();
    expect(() => refuseContradictions({ device: "cpu", threads: 2, arithmetic: "fma" })).not.toThrow();
  });
});

describe("checkArithmetic", () => {
  const device = (kind: "cpu" | "webgpu", f32?: string) =>
    ({ kind, name: "it", ...(f32 && { arithmetic: { f32, bf16: "amx" } }) }) as DeviceInfo;

  it.each([
    [device("cpu", "fma/bf16x3"), "auto"],
    [device("cpu", "fma/bf16x3"), "fma/bf16x3"],
    [device("cpu", "bf16x3"), "auto"],
    [device("cpu", "bf16x2"), "bf16x2"],
    [device("webgpu"), "fma"],
    [device("webgpu"), "auto"],
  ] as const)("%j has %j", (info, wanted) => {
    expect(() => checkArithmetic(info, wanted)).not.toThrow();
  });

  it.each([
    // Less accurate than auto may be.
    [device("cpu", "bf16x2"), "auto", /arithmetic auto: the device it was opened with bf16x2: ask for bf16x2, or open/],
    [device("cpu", "fma"), "fma/bf16x3", /arithmetic fma\/bf16x3: the device it was opened with fma/],
    [device("webgpu"), "fma/bf16x3", /only the CPU device has the arithmetic fma\/bf16x3/],
  ] as const)("%j has no %j", (info, wanted, message) => {
    expect(() => checkArithmetic(info, wanted)).toThrow(message);
    expect(() => checkArithmetic(info, wanted)).toThrow(ArithmeticError);
  });
});

describe("whyNoAdapter", () => {
  it("finds a driver file that is not there", () => {
    expect(whyNoAdapter("linux", { VK_DRIVER_FILES: "/nowhere/icd.json" })).toContain(
      'names "/nowhere/icd.json", which does not exist',
    );
  });

  it("recognises a slice of a GPU", () => {
    expect(whyNoAdapter("linux", { NVIDIA_VISIBLE_DEVICES: "MIG-1" })).toContain("MIG slice");
  });

  it.each(["linux", "darwin", "win32"] as const)("is one line on %s", (platform) => {
    expect(whyNoAdapter(platform, {})).toMatch(/^[^\n]+$/);
  });
});
