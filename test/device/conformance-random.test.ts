/** Random numbers on every device present: uniform ones to the bit, normal ones within the bound, both wherever a row is drawn. */
import { describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { DISTRIBUTIONS, type RandomOp } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice } from "../support/devices.js";
import { Scenario } from "../support/scenario.js";

/** A seed and a stream near their largest values, so that the test sees whether all their bits are used. */
const ADDRESS = { seed: 2 ** 53 - 111, stream: 2 ** 32 - 5 };

function scenario(distribution: RandomOp["distribution"]): Scenario {
  const scenario = new Scenario(distribution);
  const position = scenario.u32("position", [2 ** 32 - 3, 2 ** 32 - 40]);
  for (const [rows, columns] of [
    [1, 1],
    [70, 3],
    [9, 12],
    [33, 67],
    [2, 513],
  ] as const) {
    const out = scenario.f32At(3, `${rows}x${columns}`, [rows, columns]);
    scenario.builder.random({ distribution, ...ADDRESS, position, row: 17, out });
  }
  return scenario;
}

const SCENARIOS = DISTRIBUTIONS.map(scenario);

/** `rows` rows of 37 columns from `first` on, at step 5. */
async function drawn(device: Device, distribution: RandomOp["distribution"], first: number, rows: number) {
  const builder = new ProgramBuilder("noise");
  const position = builder.buffer("position", "u32", [2]);
  const out = builder.buffer("out", "f32", [rows, 37]);
  const executable = await device.compile(
    builder.random({ distribution, seed: 3, stream: 2, position, row: 1, out }).build(),
  );
  executable.buffer("position", "u32").write(Uint32Array.of(5, first));
  executable.run();
  const numbers = await executable.buffer("out", "f32").read();
  executable.destroy();
  return numbers;
}

describeEveryDevice((device) => {
  it.each(SCENARIOS)("$name", async (scenario) => {
    await expectAgreement(device(), scenario, "elementwise");
  });

  it("uniform numbers have the bits of the reference", async () => {
    expect(await drawn(device(), "uniform", 2, 50)).toEqual(await drawn(openReferenceDevice(), "uniform", 2, 50));
  });

  it.each(DISTRIBUTIONS)("%s: a row has the same bits in whichever part it is drawn", async (distribution) => {
    const whole = await drawn(device(), distribution, 0, 50);
    expect(await drawn(device(), distribution, 13, 20)).toEqual(whole.slice(13 * 37, 33 * 37));
  });
});

describe("random numbers", () => {
  it("are spread as their distribution says", async () => {
    const moments = (numbers: Float32Array) => {
      const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
      return [mean, numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length];
    };
    const [uniformMean, uniformVariance] = moments(await drawn(openReferenceDevice(), "uniform", 0, 400));
    const [normalMean, normalVariance] = moments(await drawn(openReferenceDevice(), "normal", 0, 400));
    expect(uniformMean).toBeCloseTo(0.5, 1);
    expect(uniformVariance).toBeCloseTo(1 / 12, 2);
    expect(normalMean).toBeCloseTo(0, 1);
    expect(normalVariance).toBeCloseTo(1, 1);
  });

  it("differ by seed, stream, step, row and column", async () => {
    const numbers = await drawn(openReferenceDevice(), "uniform", 0, 50);
    expect(new Set(numbers).size).toBeGreaterThan(0.999 * numbers.length);
  });
});
