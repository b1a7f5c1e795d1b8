/** The range test of learning rates: it finds what a model can bear, and a run takes it. */
import { expect, it } from "vitest";
import { digitsDataset } from "../../../src/data/digits/dataset.js";
import { openDevice } from "../../../src/device/open.js";
import { dense, sequential } from "../../../src/model/layers/layers.js";
import { mse } from "../../../src/model/losses/losses.js";
import { adam, sgd } from "../../../src/optimizer/optimizers.js";
import { train } from "../../../src/train.js";
import { findRate } from "../../../src/training/find-rate.js";
import type { RateSweep } from "../../../src/training/task/rate-sweep.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

/** Points beside a line: with squared errors, gradient descent bears rates below 1 / the mean square of x. */
const line = (scale: number) => {
  const x = Float32Array.from({ length: 64 }, (_, i) => scale * Math.sin(i));
  return { x, features: 1, y: x.map((value, i) => 3 * value + scale * Math.cos(7 * i)) };
};

it("finds a rate that is the smaller the steeper the loss is, and that learns", async () => {
  const device = await openDevice({ device: "cpu", threads: 1 });
  const model = sequential([dense(1, { bias: false })]);
  const options = { device, batch: 16, optimizer: sgd({ learningRate: 1 }) };
  const [flat, steep] = [
    await findRate(model, mse(), line(1), options),
    await findRate(model, mse(), line(10), options),
  ];
  // The bound is 2 for the flat one, 0.02 for the steep one.
  expect(flat.suggested).toBeGreaterThan(0.01);
  expect(flat.suggested).toBeLessThan(2);
  expect(steep.suggested).toBeLessThan(0.02);
  expect(steep.points.length).toBeLessThan(100);
  for (const { points } of [flat, steep]) {
    expect(points.map(({ rate }) => rate)).toEqual(points.map(({ rate }) => rate).toSorted((a, b) => a - b));
    expect(points[0].rate).toBeCloseTo(1e-3, 10);
  }
  expect(await findRate(model, mse(), line(1), { device, batch: 16, optimizer: adam() })).toHaveProperty("suggested");
  device.destroy();
});

it("is the rate of the run that asks for it, with its curve in the report", async () => {
  const device = await openDevice({ device: "cpu", threads: 1 });
  const world = new SimulatedWorld();
  const found: RateSweep[] = [];
  const options = { dataset: digitsDataset({ count: 100 }), layers: [784, 16, 4], batch: 20, epochs: 2 };
  const place = { device, world, pca: false };
  const run = await train(options, { ...place, out: "/a", findLr: true, onRates: (rates) => found.push(rates) });
  expect(found).toHaveLength(1);
  expect(run.config.lr).toBe(found[0].suggested);
  const same = await train({ ...options, lr: found[0].suggested }, { ...place, out: "/b" });
  expect(same.parametersSha256).toBe(run.parametersSha256);
  const report = new TextDecoder().decode(await world.disk.read("/a/report.html"));
  expect(report).toContain("Range test of the learning rate");
  const refused = train({ ...options, lr: 0.1 }, { ...place, out: "/c", findLr: true });
  await expect(refused).rejects.toThrow(/^findLr \(--find-lr\) finds the learning rate, and lr 0.1 is given/);
  device.destroy();
});
