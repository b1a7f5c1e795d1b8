/** Devices of nodes on the software adapter, whose kernels are raced only where a test says so. */
import { beforeEach, describe, expect, it } from "vitest";
import { openNodeDevice, type Tuning } from "../../src/distributed/node-device.js";
import { Synchronous } from "../../src/distributed/strategies/synchronous.js";
import { configuredModel, parseConfig } from "../../src/training/config.js";
import { nodeWorld } from "../../src/world/node-world.js";
import { SimulatedDisk } from "../../src/world/simulated-disk.js";

const config = parseConfig({ layers: [36, 12], batch: 16, shards: 2 });
const programs = new Synchronous({ model: configuredModel(config, 36), config, steps: 1 }).programs();

let disk: SimulatedDisk;
beforeEach(() => {
  disk = new SimulatedDisk();
});

/** Opens a device as a new process would; resolves with the steps that the disk took for it. */
async function open(tuning: Tuning, device: "webgpu" | "cpu" = "webgpu"): Promise<number> {
  const before = disk.steps;
  const world = { ...nodeWorld(), disk };
  (await openNodeDevice(world, { open: { device }, tuning }, programs, { race: "unknown" })).destroy();
  return disk.steps - before;
}

describe("the device of a node", () => {
  it("is tuned by whoever is to race, once for all that come later", async () => {
    expect(await open("known")).toBe(0);
    expect(await open("race")).toBeGreaterThan(0);
    expect(await open("race")).toBe(0);
  });

  it("has nothing to tune on the CPU, and is not tuned where nobody wants that", async () => {
    expect(await open("race", "cpu")).toBe(0);
    expect(await open("default")).toBe(0);
  });
});
