/** Memory is flat however long a run is, and its process ends by itself. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { DeviceKind } from "../../src/device/device.js";
import { listDevices } from "../../src/device/open.js";

interface Sample {
  readonly step: number;
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
}

/** A software GPU takes milliseconds a step, and its compiler's memory comes and goes. */
const STEPS = { cpu: 10_000, webgpu: 1_000, reference: 0 };

const MIB = 2 ** 20;

async function train(device: DeviceKind, adapter: string, steps: number): Promise<Sample[]> {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-memory-"));
  try {
    const args = ["--expose-gc", "test/training/many-steps.mjs", device, adapter, String(steps), join(folder, "run")];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 100_000 });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const devices = (await listDevices()).map(({ kind, name }) => ({ kind, name, steps: STEPS[kind] }));

it.each(devices)("$steps steps on $kind, $name", async ({ kind, name, steps }) => {
  const samples = await train(kind, kind === "webgpu" ? name : "", steps);
  expect(samples.at(-1)?.step).toBe(steps);
  // Code is compiled and pools fill in the first third; the smallest of some samples is what is really held.
  const least = (key: keyof Sample, from: number, to: number): number =>
    Math.min(...samples.filter(({ step }) => step >= from * steps && step <= to * steps).map((sample) => sample[key]));
  const growth = (key: keyof Sample): number => (least(key, 0.8, 1) - least(key, 1 / 3, 0.5)) / MIB;
  expect(growth("heap")).toBeLessThan(0.5);
  expect(growth("external")).toBeLessThan(0.25);
  expect(growth("resident")).toBeLessThan(kind === "cpu" ? 5 : 24);
});
