/**
 * How far half precision and bfloat16 may change the losses of a training. `mnist.test.ts` has the reference network. This file
 * has a small network of the same kind on every device, with the float64 reference, and one with ReLU.
 */
import { expect, it } from "vitest";
import type { Split } from "../../src/data/dataset.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { Device } from "../../src/device/device.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { defaultOptimizer } from "../../src/optimizer/optimizer.js";
import { DEFAULT_SCHEDULE } from "../../src/optimizer/schedule.js";
import type { Float } from "../../src/program/buffer.js";
import { roundToFloat16 } from "../../src/program/float16.js";
import type { Activation, Loss } from "../../src/program/op.js";
import { Trainer } from "../../src/training/trainer.js";
import { Random } from "../../src/world/random.js";
import { describeEveryDevice, lacks } from "../support/devices.js";

const STEPS = 80;
const FEATURES = 40;

/** Images of twelve overlapping patterns, from black to white. */
function patterns(count: number): Split {
  const random = new Random(7);
  const basis = Array.from({ length: 12 }, () => Float64Array.from({ length: FEATURES }, () => random.normal()));
  const images = new Uint8Array(count * FEATURES);
  for (let i = 0; i < count; i++) {
    const strengths = basis.map(() => random.normal());
    for (let j = 0; j < FEATURES; j++) {
      const light = basis.reduce((sum, pattern, k) => sum + strengths[k] * pattern[j], 0);
      images[i * FEATURES + j] = 255 / (1 + Math.exp(-light));
    }
  }
  return { images, count, features: FEATURES, scale: 1 / 255 };
}

const SPLIT = patterns(500);

interface Course {
  readonly activation: Activation;
  readonly loss: Loss;
  readonly seed: number;
  readonly precision?: Float;
  /** Whether training starts from weights that were rounded to f16. */
  readonly rounded?: boolean;
}

/** The loss of each step. */
async function curve(device: Device, { activation, loss, seed, precision, rounded }: Course): Promise<number[]> {
  const model = new Autoencoder({
    layers: [FEATURES, 32, 16, 6],
    activation,
    codeActivation: "linear",
    outputActivation: "sigmoid",
    initialiser: "glorot",
  });
  const trainer = await Trainer.create({
    device,
    model,
    split: SPLIT,
    batch: 16,
    loss,
    optimizer: { ...defaultOptimizer("adam"), learningRate: 0.003 },
    schedule: { ...DEFAULT_SCHEDULE, name: "cosine" },
    totalSteps: STEPS,
    precision,
    seed,
  });
  if (rounded) {
    const state = await trainer.state();
    trainer.restore({ ...state, parameters: state.parameters.map(roundToFloat16) });
  }
  const losses: number[] = [];
  while (losses.length < STEPS) losses.push(...(await trainer.enqueue(40)));
  trainer.destroy();
  return losses;
}

/** The means of each 20 steps in a row. */
function smoothed(losses: readonly number[], width = 20): number[] {
  const sums = Array.from({ length: losses.length / width }, () => 0);
  for (const [step, loss] of losses.entries()) sums[Math.floor(step / width)] += loss / width;
  return sums;
}

/** The largest relative difference along the curve. */
const distance = (some: readonly number[], others: readonly number[]): number =>
  Math.max(...some.map((value, i) => Math.abs(value - others[i]) / others[i]));

describeEveryDevice((device) => {
  it("with a smooth activation follows f32 within 0.02 % at every step", async ({ skip }) => {
    skip(lacks(device(), "f16"), "the adapter lacks shader-f16");
    const course = { activation: "gelu", loss: "bce", seed: 1 } as const;
    const full = await curve(device(), course);
    const mixed = await curve(device(), { ...course, precision: "f16" });
    expect(full[STEPS - 1]).toBeLessThan(0.96 * full[0]);
    expect(mixed).not.toEqual(full);
    expect(distance(mixed, full)).toBeLessThan(0.0002);
  });
});

describeEveryDevice((device) => {
  it("in bfloat16, with a smooth activation, follows f32 within 1 %, means of 20 steps", async ({ skip }) => {
    skip(lacks(device(), "bf16"), "WGSL has no bf16");
    for (const loss of ["bce", "mse"] as const) {
      const course = { activation: "gelu", loss, seed: 1 } as const;
      const full = await curve(device(), course);
      const mixed = await curve(device(), { ...course, precision: "bf16" });
      expect(mixed).not.toEqual(full);
      expect(distance(smoothed(mixed), smoothed(full))).toBeLessThan(0.01);
    }
  });
});

it("with ReLU follows f32 within 1 %, means of 20 steps, as far as f32 follows itself from a start rounded once", async () => {
  const device = openCpuDevice();
  let [mixed, rounded] = [0, 0];
  for (const seed of [1, 2, 3]) {
    const course = { activation: "relu", loss: "mse", seed } as const;
    const full = smoothed(await curve(device, course));
    mixed += distance(smoothed(await curve(device, { ...course, precision: "f16" })), full) / 3;
    rounded += distance(smoothed(await curve(device, { ...course, rounded: true })), full) / 3;
  }
  device.destroy();
  expect(mixed).toBeLessThan(0.01);
  expect(mixed).toBeLessThan(4 * rounded);
});
