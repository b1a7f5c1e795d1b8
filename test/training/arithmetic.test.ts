/** A resumed run keeps its arithmetic. The choice of `auto` depends on the chip, and the bits depend on the choice. */
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/open.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { Device } from "../../src/device/device.js";
import { train } from "../../src/train.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { CONFIG, OUT, SmallRun, smallDataset } from "./small-run.js";

/** Chips without and with a unit for pairs of bfloat16. The portable instruction set has a model of the unit. */
const plain = openCpuDevice({ unit: "none", threads: 1 });
const pairs = openCpuDevice({ isa: "portable", unit: "amx", threads: 1 });
afterAll(() => {
  plain.destroy();
  pairs.destroy();
});

async function begun(device: Device): Promise<SmallRun> {
  const small = new SmallRun(device, new SimulatedWorld());
  await small.go({ config: { ...CONFIG, lr: 0.002, steps: 5, schedule: "constant" } });
  return small;
}

async function saved(world: SimulatedWorld): Promise<unknown[]> {
  const config = JSON.parse(new TextDecoder().decode(await world.disk.read(`${OUT}/config.json`)));
  return [config.arithmetic, (await openCheckpoint(world, OUT)).configuration.arithmetic];
}

const goOn = (small: SmallRun, device: Device, config = {}) =>
  small.go({ device, resume: true, config: { steps: 10, ...config } });

describe("a run under auto", () => {
  it.each([
    ["fma", plain],
    ["fma/bf16x3", pairs],
  ])("records %j, where that is what its device does", async (name, device) => {
    const { world } = await begun(device);
    expect(await saved(world)).toEqual([name, name]);
  });

  it("goes on where that is possible, without a message", async () => {
    for (const device of [plain, pairs]) {
      const small = await begun(device);
      await goOn(small, device);
      await goOn(small, device, { arithmetic: "auto", steps: 11 });
      expect(small.told("warning")).toEqual([]);
    }
  });

  it("is refused where it cannot", async () => {
    await expect(goOn(await begun(plain), pairs)).rejects.toThrow(
      /^arithmetic fma: the device .* opened with fma.bf16x3/,
    );
    await expect(goOn(await begun(pairs), plain)).rejects.toThrow(/^arithmetic fma.bf16x3: the device .* with fma:/);
  });

  it("goes on with another arithmetic when it is told to, and says that bits differ", async () => {
    const small = await begun(plain);
    await goOn(small, pairs, { arithmetic: "auto" });
    expect(small.told("warning").map(({ message }) => message)).toEqual([
      "arithmetic fma/bf16x3 instead of fma: last bits differ from here on",
    ]);
    expect(await saved(small.world)).toEqual(["fma/bf16x3", "fma/bf16x3"]);
  });

  it("is told the way out by train", async () => {
    const world = new SimulatedWorld();
    const first = await train({ ...CONFIG, dataset: smallDataset(), steps: 5 }, { world, device: plain, out: OUT });
    first.close();
    const resumed = train({ dataset: smallDataset() }, { world, device: pairs, out: OUT, resume: true });
    await expect(resumed).rejects.toThrow(
      /^cannot resume with the same bits: arithmetic fma: .*; to go on with other last bits, add --arithmetic auto$/,
    );
    const options = { dataset: smallDataset(), arithmetic: "auto", steps: 6 } as const;
    const after = await train(options, { world, device: pairs, out: OUT, resume: true });
    expect(after.config.arithmetic).toBe("fma/bf16x3");
    after.close();
  });
});
