/** The errors that training must reach on real images, on every kind of device that computes in float32. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { computePca, pcaError } from "../../src/analysis/pca.js";
import { principalAngles } from "../../src/analysis/principal-angles.js";
import type { Split } from "../../src/data/dataset.js";
import { loadDataset } from "../../src/data/load.js";
import type { Device } from "../../src/device/device.js";
import { openDevice } from "../../src/device/open.js";
import type { Float } from "../../src/program/buffer.js";
import { train } from "../../src/train.js";
import type { TrainingOptions } from "../../src/training/config/config.js";
import { parseConfig, totalSteps } from "../../src/training/config/config.js";
import { preset } from "../../src/training/config/presets.js";
import { evaluate } from "../../src/training/evaluate.js";
import { modelFromConfig, optimizerFromConfig, scheduleFromConfig } from "../../src/training/from-config.js";
import { Trainer } from "../../src/training/trainer.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { DEVICES } from "../support/devices.js";
import { FULL } from "../support/full.js";
import { describeWithMnist } from "../support/mnist.js";

/**
 * One device of each kind: the CPU's best instruction set, and every WebGPU adapter. One thread has the bits of many, and does not
 * wait for a core that another test has.
 */
const KINDS = DEVICES.filter(({ kind, name }) => kind === "webgpu" || name.endsWith(", one thread"));

/** A thousand steps take minutes on a software GPU. Another test below checks that it follows the same curve. */
const LONG_KINDS = FULL ? KINDS : KINDS.filter(({ kind }) => kind === "cpu");

const UNITS = 10;
const STEPS = 1000;

describeWithMnist("training on MNIST", (folder) => {
  let out: string;
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), "dawnpour-"));
  });
  afterAll(() => rm(out, { recursive: true }));

  it.each(LONG_KINDS)("a linear autoencoder finds the error and the subspace of PCA: $name", async ({ open }) => {
    const config: TrainingOptions = {
      layers: [784, UNITS],
      activation: "linear",
      loss: "mse",
      lr: 0.0125,
      batch: 200,
      steps: STEPS,
      schedule: "cosine",
      initialiser: "orthogonal",
    };
    const device = await open();
    const data = await loadDataset("mnist", { world: nodeWorld(), data: dirname(folder) });
    const trainer = await makeTrainer(device, data.train, config);
    for (let step = 0; step < STEPS; step += 40) await trainer.enqueue(40);
    const { parameters } = await trainer.state();
    const model = modelFromConfig(parseConfig(config), 784);
    const error = await evaluate(device, model, data.test, trainer.parameters);
    trainer.destroy();
    device.destroy();

    const oracle = await openDevice({ device: "cpu" });
    const pca = await computePca(oracle, data.train, UNITS);
    expect(error.sse).toBeLessThan((await pcaError(oracle, pca, data.test)).sse * 1.001);
    oracle.destroy();
    const decoder = model.layout.part(parameters, "decoder.0.weight");
    const angles = principalAngles({ rows: UNITS, columns: 784, values: decoder }, pca.components);
    expect(Math.max(...angles)).toBeLessThan(0.05);
  });

  it("every device follows the same loss curve", async () => {
    const curves: number[][] = [];
    for (const { open } of KINDS) curves.push(await lossCurve(await open(), folder));
    for (const curve of curves) {
      expect(curve).toHaveLength(200);
      expect(curve[199]).toBeLessThan(curve[0] / 2);
      for (const [step, loss] of curve.entries()) {
        expect(Math.abs(loss - curves[0][step]) / curves[0][step], `step ${step}`).toBeLessThan(1e-4);
      }
    }
  });

  // `mixed-precision.test.ts` has a small network of this make.
  it.runIf(FULL)("mixed precision follows the loss curve of f32 within 1 %, on the reference network", async () => {
    const { train } = await loadDataset("mnist", { world: nodeWorld(), data: dirname(folder) });
    const device = await openDevice({ device: "cpu" });
    // The mean of a window of steps, as a run reports its loss. After many steps rounding makes the losses of single steps differ
    // visibly, and then neither is better than the other.
    const curve = async (precision: Float): Promise<number[]> => {
      const trainer = await makeTrainer(device, train, { ...preset("hinton2006"), precision });
      const means: number[] = [];
      while (means.length < 12) means.push((await trainer.enqueue(20)).reduce((sum, loss) => sum + loss / 20, 0));
      trainer.destroy();
      return means;
    };
    const [full, mixed] = [await curve("f32"), await curve("f16")];
    device.destroy();
    expect(mixed).not.toEqual(full);
    expect(full[11]).toBeLessThan(0.2);
    for (const [window, loss] of full.entries()) {
      expect(Math.abs(mixed[window] - loss) / loss, `window ${window}`).toBeLessThan(0.01);
    }
  });

  it("passes logistic PCA, the best shallow model of Hinton & Salakhutdinov 2006, within two epochs", async () => {
    const network: TrainingOptions = { layers: [784, 256, 30], activation: "gelu" };
    const config: TrainingOptions = { ...network, lr: 0.002, schedule: "constant", epochs: 2 };
    const run = await train(config, { device: "cpu", threads: 1, data: dirname(folder), out: join(out, "run") });
    expect(run.measures?.errors.pca?.test.sse).toBeCloseTo(13.866, 2);
    expect(run.measures?.errors.test.sse).toBeLessThan(8.01);
    run.close();
  });
});

/** Losses of 200 steps from one seed. */
async function lossCurve(device: Device, folder: string): Promise<number[]> {
  const { train } = await loadDataset("mnist", { world: nodeWorld(), data: dirname(folder), limit: 2000 });
  const config: TrainingOptions = { layers: [784, 64, 16], activation: "gelu", batch: 64, lr: 0.003, seed: 1 };
  const trainer = await makeTrainer(device, train, config);
  const losses: number[] = [];
  while (losses.length < 200) losses.push(...(await trainer.enqueue(50)));
  trainer.destroy();
  device.destroy();
  return losses;
}

function makeTrainer(device: Device, split: Split, options: TrainingOptions): Promise<Trainer> {
  const config = parseConfig(options);
  return Trainer.create({
    device,
    model: modelFromConfig(config, split.features),
    split,
    batch: config.batch,
    loss: config.loss,
    optimizer: optimizerFromConfig(config),
    schedule: scheduleFromConfig(config),
    totalSteps: totalSteps(config, split.count),
    precision: config.precision,
    seed: config.seed,
  });
}
