/** Devices of nodes on the software adapter. The tuning cache is damaged, so a node that reads it prints a warning. */
import { describe, expect, it } from "vitest";
import { openNodeDevice } from "../../src/placement/node-device.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { SimulatedDisk } from "../../src/world/simulated/disk.js";

class DamagedDisk extends SimulatedDisk {
  override async read(): Promise<Uint8Array> {
    return new TextEncoder().encode("{");
  }
}

/** The messages when such a device is opened. */
async function open(device: "webgpu" | "cpu", tuned: boolean): Promise<string[]> {
  const warnings: string[] = [];
  const world = { ...nodeWorld(), disk: new DamagedDisk() };
  (await openNodeDevice(world, { open: { device }, tuned }, (message) => warnings.push(message))).destroy();
  return warnings;
}

describe("the device of a node", () => {
  it("looks for what was tuned before, and warns when that cannot be used", async () => {
    expect(await open("webgpu", true)).toEqual([
      expect.stringMatching(/^the tuning cache ".*\.json" is damaged: it is ignored$/),
    ]);
  });

  it("does not unless it is asked to, nor on the CPU, which has nothing to tune", async () => {
    expect(await open("webgpu", false)).toEqual([]);
    expect(await open("cpu", true)).toEqual([]);
  });
});
