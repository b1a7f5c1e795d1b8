/** Two equal GPUs are told apart: a process sees only one of them, through the Vulkan layer and Dawn that users have. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { adapterOf, type PhysicalDevice, physicalDevices, physicalEnvironment } from "../../src/device/physical.js";
import { makeTwins, TWINS_RUN_HERE, type Twins } from "../support/twins.js";

type Variables = Readonly<Record<string, string>>;

interface Seen {
  readonly adapters: string[];
  /** Ids and names of the physical devices. */
  readonly physical: string[];
  readonly names: string[];
  readonly computed: number[];
}

async function see(environment: Variables): Promise<Seen & { readonly error?: string; readonly message?: string }> {
  const env = { ...process.env, ...environment };
  return JSON.parse((await promisify(execFile)(process.execPath, ["test/device/see-physical.mjs"], { env })).stdout);
}

const aloneAmong = (twins: Twins, id: string): Variables => ({ ...twins.environment, ...physicalEnvironment(id, {}) });

const COMPUTED = [2, -4, 1];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

// SwiftShader is built for Linux on x64, and Vulkan is asked on Linux only.
describe.skipIf(!TWINS_RUN_HERE)("twins", () => {
  let twins: Twins;
  let both: Seen;
  beforeAll(async () => {
    twins = await makeTwins();
    both = await see(twins.environment);
  });
  afterAll(() => twins.remove());

  const alone = (id: string): Variables => aloneAmong(twins, id);

  it("have ids of their own, and one adapter between them where both are seen", () => {
    const [first, second] = both.physical;
    expect(both.physical).toHaveLength(2);
    expect(first).toMatch(UUID);
    expect(second).toBe(`${first}#2`);
    expect(both.adapters).toHaveLength(1);
  });

  it.each([0, 1])("are each seen alone in a process that chooses them, and compute (twin %i)", async (index) => {
    const id = both.physical[index];
    expect(await see(alone(id))).toEqual({
      adapters: both.adapters,
      physical: [id],
      names: both.adapters,
      computed: COMPUTED,
    });
  });

  it("are each a driver of their own: without its file the second one is not there", async () => {
    const [first, second] = both.physical;
    const [manifest] = twins.environment.VK_DRIVER_FILES.split(":");
    const one = { VK_DRIVER_FILES: manifest };
    expect((await see({ ...alone(first), ...one })).computed).toEqual(COMPUTED);
    expect(await see({ ...alone(second), ...one })).toEqual({
      error: "NoDeviceError",
      message: expect.stringContaining(`the physical device "${second}"`),
    });
  });

  it("do not stand in for a device that is not there", async () => {
    const { error, message } = await see(alone("00000000-0000-0000-0000-000000000000"));
    expect({ error, message }).toEqual({
      error: "NoDeviceError",
      message: expect.stringMatching(
        /^the physical device "0{8}-.*", which DAWNPOUR_VULKAN_DEVICE names, is not there/,
      ),
    });
  });

  it("are not taken for the chosen one where the layer is not loaded", async () => {
    const id = both.physical[0];
    expect(await see({ ...twins.environment, DAWNPOUR_VULKAN_DEVICE: id })).toMatchObject({ error: "NoDeviceError" });
  });
});

describe.skipIf(!TWINS_RUN_HERE)("twins of which one has another name", () => {
  it("show that the one that is seen is the one that was chosen", async () => {
    const twins = await makeTwins(true);
    onTestFinished(() => twins.remove());
    const { names, physical, adapters } = await see(twins.environment);
    expect(physical[1]).toBe(`${physical[0]}#2`);
    expect([...adapters].sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(2);
    for (const [index, id] of physical.entries()) {
      expect(await see(aloneAmong(twins, id))).toMatchObject({ adapters: [names[index]], names: [names[index]] });
    }
  });
});

describe.skipIf(process.platform !== "linux")("physicalEnvironment", () => {
  it("leaves in place the layers that the user has asked for", () => {
    const environment = physicalEnvironment("some", {
      VK_INSTANCE_LAYERS: "VK_LAYER_A:VK_LAYER_B",
      VK_LAYER_PATH: "/a",
    });
    expect(environment.VK_INSTANCE_LAYERS).toMatch(/^VK_LAYER_DAWNPOUR_\w+:VK_LAYER_A:VK_LAYER_B$/);
    expect(environment.VK_LAYER_PATH).toMatch(/native\/vulkan:\/a$/);
  });

  it("switches the layer on once where it is on already, as in a child's child", () => {
    const once = physicalEnvironment("some", {});
    expect(physicalEnvironment("other", once)).toEqual({ ...once, DAWNPOUR_VULKAN_DEVICE: "other" });
  });
});

describe("physicalDevices", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("tells name, driver and memory", async () => {
    for (const device of await physicalDevices()) {
      expect(device.uuid).toMatch(UUID);
      expect(device.name).toMatch(/\S/);
      expect(device.driver).toMatch(/\d/);
      expect(device.memoryBytes).toBeGreaterThan(2 ** 20);
    }
  });

  it("is empty without a driver", async () => {
    vi.stubEnv("VK_DRIVER_FILES", "/nowhere/driver.json");
    expect(await physicalDevices()).toEqual([]);
  });

  it("is empty where the loader is broken", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dawnpour-loader-"));
    await writeFile(join(folder, "libvulkan.so.1"), "no library");
    vi.stubEnv("LD_LIBRARY_PATH", folder);
    expect(await physicalDevices()).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe("adapterOf", () => {
  const device = (name: string, id: string) => ({ id, name }) as PhysicalDevice;

  it("is the adapter of the same name", () => {
    const physical = [device("A", "1"), device("B", "2")];
    expect(adapterOf(physical[1], physical, ["A", "B"])).toBe("B");
    expect(adapterOf(physical[1], physical, ["A"])).toBeUndefined();
  });

  it("cannot be told of twins", () => {
    const physical = [device("A", "1"), device("A", "2")];
    expect(adapterOf(physical[0], physical, ["A"])).toBeUndefined();
  });
});
