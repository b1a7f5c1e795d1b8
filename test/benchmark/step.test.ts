import { expect, it } from "vitest";
import { benchmarkStep, STEP_SHAPES } from "../../src/benchmark/step.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { FLOATS } from "../../src/program/buffer.js";
import type { Op } from "../../src/program/op.js";
import { describeEveryDevice, lacks } from "../support/devices.js";
import { STEADY, steadyClock } from "./clock.js";
import { faulty } from "./faulty.js";

const SHAPE = { layers: [30, 20, 5], batch: 16 };
/** Multiply-adds of a dense layer: forward, and one product each for the gradients of its weights and its inputs. */
const PRODUCTS = 30 * 20 * 5 + 20 * 5 * 6;

describeEveryDevice((device) => {
  it("measures a whole step", async () => {
    const result = await benchmarkStep(device(), steadyClock(), SHAPE);
    expect(result).toEqual({
      name: "30-20-5-20-30 batch 16",
      network: "30-20-5-20-30",
      batch: 16,
      medianMs: STEADY,
      fastestMs: STEADY,
      slowestMs: STEADY,
      gflops: expect.any(Number),
    });
    const products = (2 * 16 * PRODUCTS) / (STEADY * 1e6);
    expect(result.gflops / products).toBeGreaterThan(1);
    expect(result.gflops / products).toBeLessThan(1.5);
  });

  it.for(["f16", "bf16"] as const)("measures a whole step in %s", async (precision, { skip }) => {
    skip(lacks(device(), precision), `the adapter lacks ${precision}`);
    const result = await benchmarkStep(device(), steadyClock(), SHAPE, { precision });
    expect(result).toMatchObject({ name: "30-20-5-20-30 batch 16", medianMs: STEADY });
  });
});

it.each<[string, (op: Op) => Op, RegExp]>([
  ["loss", (op) => (op.kind === "loss" ? { ...op, loss: "bce" } : op), /^step 30-20-5-20-30 on .*: losses differ/],
  [
    "gradient",
    (op) => (op.kind === "activationGradient" ? { ...op, activation: "tanh" } : op),
    /^step 30-20-5-20-30 on .*: gradients of \S+ differ from the reference by \d\.\de[+-]\d+, relative$/,
  ],
])("gives no figure for a wrong %s", async (_, change, message) => {
  const device = faulty(openReferenceDevice(), change);
  for (const precision of FLOATS) {
    await expect(benchmarkStep(device, steadyClock(), SHAPE, { precision })).rejects.toThrow(message);
  }
});

it("knows the two reference networks at two batches", () => {
  expect(STEP_SHAPES).toEqual([
    { layers: [784, 256, 32], batch: 128 },
    { layers: [784, 256, 32], batch: 1024 },
    { layers: [784, 1000, 500, 250, 30], batch: 128 },
    { layers: [784, 1000, 500, 250, 30], batch: 1024 },
  ]);
});
