/** Rounds of any strategy, without coordinator and workers: what they come to on one device. */
import { afterAll, expect, test } from "vitest";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { BulkRounds } from "../../src/strategies/bulk-rounds.js";
import { GradientRounds } from "../../src/strategies/gradient-rounds.js";
import { isGradientStep } from "../../src/strategies/gradient-step.js";
import { localSgd } from "../../src/strategies/local-sgd.js";
import { type RoundProgram, replicaVectors, roundAt } from "../../src/strategies/replica.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import { parseConfig } from "../../src/training/config.js";
import { modelFromConfig, optimizerFromConfig, scheduleFromConfig } from "../../src/training/from-config.js";
import { Trainer } from "../../src/training/trainer.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { smallDataset } from "../training/small-run.js";

const STEPS = 12;
const dataset = smallDataset();
const device = openCpuDevice({ threads: 1 });
afterAll(() => device.destroy());

function setUp(parts: number) {
  const config = parseConfig({ layers: [6, 5, 2], batch: 8, steps: STEPS, lr: 0.01, schedule: "cosine", parts });
  const options = { model: modelFromConfig(config, 6), config, steps: STEPS };
  const workload = new AutoencoderWorkload(options);
  const run = strategyRun(workload, { ...config, images: dataset.train.count, steps: STEPS });
  return { config, options, workload, run };
}

const vectorOf = (length: number): Float32Array => {
  const memory = createSharedMemory(4 * length);
  const vector = new Float32Array(memory.buffer, 0, length);
  memory.close();
  return vector;
};

/** The parameters after all rounds. */
async function parametersOf(program: RoundProgram): Promise<Float32Array> {
  const replica = await program.open(device, dataset);
  const vector = (): Float32Array => vectorOf(program.length);
  const own = replicaVectors(program);
  const { vectors, scalars } = program.initialState();
  replica.restore(0, { vectors: vectors.slice(0, own), scalars });
  const { local = 0, parts } = program;
  const states = Array.from({ length: parts }, (_, part) =>
    vectors.slice(own + part * local, own + (part + 1) * local),
  );
  for (let round = 0; round < roundAt(program, STEPS); round++) {
    const contributions: Float32Array[] = [];
    for (let part = 0; part < parts; part++) {
      const next = Array.from({ length: local }, vector);
      const out = vector();
      await replica.contribute(part, out, { now: states[part], next });
      contributions.push(out);
      states[part] = next;
    }
    const sum = vector();
    await program.combine(new PortableCollective(), contributions, sum);
    await replica.apply(sum);
    await replica.settled();
  }
  const saved = Array.from({ length: own }, vector);
  await replica.save(saved);
  replica.destroy();
  return saved[0].slice();
}

/** `synchronous`, as a user would write it. */
const written: StrategyFactory = (options, run) => ({
  ...synchronous(options, run),
  rows: (round, part) => ({ rows: run.rows(round, 1, part) }),
  contribute: (learner, { rows, out }) => learner.gradient(rows, out),
  aggregate: async (piece, reduce) => piece.update(await reduce.sum()),
});

test.each([1, 3])(
  "a strategy that says what synchronous says has its bits, without its short cuts: %i parts",
  async (parts) => {
    const { options, workload, run } = setUp(parts);
    expect(isGradientStep(synchronous({}, run), run)).toBe(true);
    expect(isGradientStep(written({}, run), run)).toBe(false);
    const expected = await parametersOf(new GradientRounds(options));
    expect(await parametersOf(new BulkRounds(workload, written({}, run)))).toEqual(expected);
    expect(await parametersOf(new BulkRounds(workload, synchronous({}, run)))).toEqual(expected);
  },
);

test("local SGD of one part makes the steps of the single-device trainer", async () => {
  const { config, options, workload, run } = setUp(1);
  const { batch, loss, precision, seed } = config;
  const trainer = await Trainer.create({
    ...{ device, model: options.model, batch, loss, precision, seed, totalSteps: STEPS },
    ...{ split: dataset.train, optimizer: optimizerFromConfig(config), schedule: scheduleFromConfig(config) },
  });
  await trainer.enqueue(STEPS);
  const { parameters } = await trainer.state();
  trainer.destroy();
  expect(await parametersOf(new BulkRounds(workload, localSgd({ H: 4 }, run)))).toEqual(parameters);
});

test("local SGD of several parts depends on H, and on the state that parts keep", async () => {
  const { workload, run } = setUp(2);
  const of = (factory: StrategyFactory, H: number) => parametersOf(new BulkRounds(workload, factory({ H }, run)));
  const forgetful: StrategyFactory = (options, about) => ({ ...localSgd(options, about), local: [] });
  const kept = await of(localSgd, 2);
  expect(await of(localSgd, 2)).toEqual(kept);
  expect(await of(localSgd, 3)).not.toEqual(kept);
  expect(await of(forgetful, 2)).not.toEqual(kept);
});
