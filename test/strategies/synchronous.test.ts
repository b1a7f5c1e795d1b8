import { afterEach, expect, test } from "vitest";
import { NativeCollective } from "../../src/collective/native-collective.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { trainingProgram } from "../../src/model/lower.js";
import { updateRule } from "../../src/optimizer/optimizer.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import { TensorStore } from "../../src/tensors/tensor-store.js";
import { parseConfig } from "../../src/training/config/config.js";
import { modelFromConfig, optimizerFromConfig, scheduleFromConfig } from "../../src/training/from-config.js";
import { Trainer } from "../../src/training/trainer.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";
import { gemmsOf } from "../../src/tuning/gemm-key.js";
import { smallDataset } from "../training/small-run.js";

const STEPS = 12;
const dataset = smallDataset();
const config = parseConfig({
  layers: [6, 5, 2],
  batch: 8,
  steps: STEPS,
  optimizer: "adam",
  lr: 0.01,
  schedule: "cosine",
  clip: 0.5,
});
const model = modelFromConfig(config, 6);
const device = openCpuDevice({ threads: 1 });
const closed: (() => void)[] = [];

afterEach(() => {
  for (const close of closed.splice(0)) close();
});

/** The parameters after all steps, by `workers` replicas of which each computes every so many parts. */
async function distributed(parts: number, workers: number): Promise<Float32Array> {
  const strategy = new GradientRounds({ model, config: { ...config, parts }, steps: STEPS });
  const shape = { workers, parts, vectors: strategy.vectors, length: strategy.length };
  const memory = createSharedMemory(TensorStore.bytes(shape));
  closed.push(() => memory.close());
  const tensors = new TensorStore(shape, (offset, bytes) => memory.map(offset, bytes));
  const learners = await Promise.all(Array.from({ length: workers }, () => strategy.open(device, dataset)));
  for (const learner of learners) learner.restore(0, strategy.initialState());
  for (let round = 0; round < STEPS; round++) {
    const gradients: Float32Array[] = [];
    for (let part = 0; part < parts; part++) {
      const worker = (part + round) % workers;
      gradients.push(tensors.slot(tensors.part(worker, part, round)));
      await learners[worker].contribute(part, gradients[part]);
    }
    const sum = parts === 1 ? gradients[0] : tensors.slot(tensors.sum(round));
    await strategy.combine(new NativeCollective(), gradients, sum);
    for (const learner of learners) await learner.apply(sum);
    for (const learner of learners) await learner.settled();
  }
  const vectors = tensors.vectors(0, 0);
  await learners[0].save(vectors);
  const parameters = vectors[0].slice();
  for (const learner of learners) learner.destroy();
  return parameters;
}

test("what a slot held before is gone when a part has been computed into it, between the tensors too", async () => {
  const strategy = new GradientRounds({ model, config: { ...config, parts: 2 }, steps: STEPS });
  const learner = await strategy.open(device, dataset);
  learner.restore(0, strategy.initialState());
  const memory = createSharedMemory(4 * strategy.length);
  closed.push(() => memory.close());
  const out = new Float32Array(memory.buffer, 0, strategy.length).fill(Number.NaN);
  await learner.contribute(0, out);
  expect(out.every(Number.isFinite)).toBe(true);
  learner.destroy();
});

test("with one part the bits are those of the trainer on a single device", async () => {
  const { batch, loss, clip, precision, seed } = config;
  const trainer = await Trainer.create({
    ...{ device, model, batch, loss, clip, precision, seed },
    split: dataset.train,
    optimizer: optimizerFromConfig(config),
    schedule: scheduleFromConfig(config),
    totalSteps: STEPS,
  });
  await trainer.enqueue(STEPS);
  const { parameters } = await trainer.state();
  trainer.destroy();
  expect(await distributed(1, 1)).toEqual(parameters);
  expect(await distributed(1, 3)).toEqual(parameters);
});

test("with more parts they do not depend on which worker computes them, but on their number", async () => {
  const alone = await distributed(4, 1);
  for (const workers of [2, 3]) expect(await distributed(4, workers)).toEqual(alone);
  expect(await distributed(3, 1)).not.toEqual(alone);
});

test("its programs have the products of a training step, for parts of each size", () => {
  const gemms = (parts: number) => {
    const strategy = new GradientRounds({ model, config: { ...config, parts }, steps: STEPS });
    return strategy.programs().map((program) => [...gemmsOf(program).keys()].sort());
  };
  const rule = updateRule(optimizerFromConfig(config));
  const source = { type: "f32", count: 1, scale: 1 } as const;
  const step = trainingProgram(model, { ...config, source, rule, window: 1 });
  expect(gemms(1)).toEqual([[...gemmsOf(step).keys()].sort()]);
  const rows = gemms(3).map((keys) => keys.flatMap((key) => /^(\d+)x5x6 nn/.exec(key)?.[1] ?? []));
  expect(rows).toEqual([["2"], ["3"]]);
});
