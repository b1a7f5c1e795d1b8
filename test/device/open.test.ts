import { describe, expect, it } from "vitest";
import { whyNoAdapter } from "../../src/device/no-adapter.js";
import { type DeviceChoice, listDevices, openDevice } from "../../src/device/open.js";
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
