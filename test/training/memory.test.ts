/** The memory of a run does not grow with its length, and its process ends by itself. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { DeviceKind } from "../../src/device/device.js";
import { listDevices } from "../../src/device/open.js";
import { FULL } from "../support/full.js";

interface Sample {
  readonly step: number;
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
}

const STEPS = FULL ? 5000 : 1000;
/** On a software GPU these steps take minutes while other tests run. */
const LIMIT = 400_000;

const MIB = 2 ** 20;

async function train(device: DeviceKind, adapter: string): Promise<Sample[]> {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-memory-"));
  try {
    const args = ["--expose-gc", "test/training/many-steps.mjs", device, adapter, String(STEPS), join(folder, "run")];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it.each(await listDevices())(
  `${STEPS} steps on $kind, $name`,
  async ({ kind, name }) => {
    const samples = await train(kind, kind === "webgpu" ? name : "");
    expect(samples.at(-1)?.step).toBe(STEPS);
    // In the first third code is compiled and pools fill. The smallest of some samples has the least garbage.
    const least = (key: keyof Sample, from: number, to: number): number =>
      Math.min(
        ...samples.filter(({ step }) => step >= from * STEPS && step <= to * STEPS).map((sample) => sample[key]),
      );
    const growth = (key: keyof Sample): number => (least(key, 0.8, 1) - least(key, 1 / 3, 0.5)) / MIB;
    expect(growth("heap")).toBeLessThan(0.25);
    expect(growth("external")).toBeLessThan(0.125);
    // The compiler of a software GPU allocates and frees memory at any time.
    expect(growth("resident")).toBeLessThan(kind === "cpu" ? 2.5 : 24);
  },
  LIMIT,
);
