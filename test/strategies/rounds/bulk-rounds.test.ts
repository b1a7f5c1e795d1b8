/** The results of rounds of each strategy on one device, without coordinator and workers. */
import { afterAll, expect, test } from "vitest";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import { openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import { diloco } from "../../../src/strategies/diloco.js";
import { easgd } from "../../../src/strategies/easgd.js";
import { localSgd } from "../../../src/strategies/local-sgd.js";
import { BulkRounds } from "../../../src/strategies/rounds/bulk-rounds.js";
import { GradientRounds } from "../../../src/strategies/rounds/gradient-rounds.js";
import { isGradientStep } from "../../../src/strategies/rounds/gradient-step.js";
import { type ReplicaProgram, replicaVectors, roundAt } from "../../../src/strategies/rounds/replica.js";
import type { StrategyFactory } from "../../../src/strategies/strategy.js";
import { strategyRun } from "../../../src/strategies/strategy-run.js";
import { synchronous } from "../../../src/strategies/synchronous.js";
import { parseConfig } from "../../../src/training/config/config.js";
import { modelFromConfig, optimizerFromConfig, scheduleFromConfig } from "../../../src/training/from-config.js";
import { Trainer } from "../../../src/training/trainer.js";
import { createSharedMemory } from "../../../src/transport/process/shared-memory.js";
import { AutoencoderWorkload } from "../../../src/workload/autoencoder.js";
import { smallDataset } from "../../training/small-run.js";

const STEPS = 12;
/** The learning rate for the rules of strategies. The learner has its own. */
const RATE = 0.5;
const dataset = smallDataset();
const device = openCpuDevice({ threads: 1 });
afterAll(() => device.destroy());

function setUp(parts: number) {
  const config = parseConfig({ layers: [6, 5, 2], batch: 8, steps: STEPS, lr: 0.01, schedule: "cosine", parts });
  const options = { model: modelFromConfig(config, 6), config, steps: STEPS };
  const workload = new AutoencoderWorkload(options);
  const run = strategyRun(workload, { ...config, images: dataset.train.count, steps: STEPS, rate: () => RATE });
  return { config, options, workload, run };
}

const vectorOf = (length: number): Float32Array => {
  const memory = createSharedMemory(4 * length);
  const vector = new Float32Array(memory.buffer, 0, length);
  memory.close();
  return vector;
};

/** The parameters after all rounds. */
async function parametersOf(program: ReplicaProgram): Promise<Float32Array> {
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

test.each([1, 3])("post-local SGD has the bits of synchronous until it switches: %i parts", async (parts) => {
  const { options, workload, run } = setUp(parts);
  const synchronousBits = await parametersOf(new GradientRounds(options));
  const of = (post: number, H: number) => parametersOf(new BulkRounds(workload, localSgd({ H, post }, run)));
  expect(await of(STEPS, 4)).toEqual(synchronousBits);
  const switched = await of(STEPS / 2, 3);
  // One part goes on alone with the state of the optimizer that it has: it makes the steps of the single-device trainer.
  if (parts === 1) expect(switched).toEqual(synchronousBits);
  else expect(switched).not.toEqual(synchronousBits);
});

test("rounds of several lengths: the steps before each, what each makes, and the round of a step", () => {
  const { workload, run } = setUp(2);
  const program = new BulkRounds(workload, localSgd({ H: 4, post: 3 }, run));
  expect([0, 1, 2, 3, 4, 5].map((round) => program.stepAt(round))).toEqual([0, 1, 2, 3, 7, 11]);
  expect([2, 3].map((round) => program.advance(round))).toEqual([
    { steps: 1, images: 8 },
    { steps: 4, images: 32 },
  ]);
  expect([0, 2, 3, 4, 7, 8].map((step) => roundAt(program, step))).toEqual([0, 2, 3, 4, 4, 5]);
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

/** The parameters if each of two parts makes all its steps by itself. */
async function moved(): Promise<{ start: Float32Array; ends: readonly Float32Array[] }> {
  const { workload, run } = setUp(2);
  const program = new BulkRounds(workload, localSgd({ H: STEPS }, run));
  const replica = await program.open(device, dataset);
  const vector = (): Float32Array => vectorOf(program.length);
  const own = replicaVectors(program);
  const { vectors, scalars } = program.initialState();
  replica.restore(0, { vectors: vectors.slice(0, own), scalars });
  const contributions: Float32Array[] = [];
  for (let part = 0; part < 2; part++) {
    const local = vectors.slice(own + part * program.local, own + (part + 1) * program.local);
    const out = vector();
    await replica.contribute(part, out, { now: local, next: Array.from({ length: program.local }, vector) });
    contributions.push(out);
  }
  replica.destroy();
  return { start: vectors[0].slice(), ends: contributions.map((one) => one.slice()) };
}

test("diloco of one round is its formula", async () => {
  const { start, ends } = await moved();
  const { workload, run } = setUp(2);
  const [lr, momentum] = [0.5, 0.8];
  const actual = await parametersOf(new BulkRounds(workload, diloco({ H: STEPS, lr, momentum }, run)));
  for (const [i, w] of start.entries()) {
    const d = w - (ends[0][i] + ends[1][i]) / 2;
    expect(actual[i]).toBeCloseTo(w - lr * (d + momentum * d), 5);
  }
  const mean = await parametersOf(new BulkRounds(workload, localSgd({ H: 4 }, run)));
  const plain = await parametersOf(new BulkRounds(workload, diloco({ H: 4, lr: 1, momentum: 0 }, run)));
  for (const [i, value] of mean.entries()) expect(plain[i]).toBeCloseTo(value, 5);
});

test("easgd of one round is its formula, and its parts keep their positions", async () => {
  const { start, ends } = await moved();
  const { workload, run } = setUp(2);
  const actual = await parametersOf(new BulkRounds(workload, easgd({ H: STEPS, alpha: 0.25 }, run)));
  for (const [i, c] of start.entries()) {
    expect(actual[i]).toBeCloseTo(c + 0.25 * (ends[0][i] - c + (ends[1][i] - c)), 5);
  }
  // With alpha 0 the centre does not move, and each part moves by itself.
  expect(await parametersOf(new BulkRounds(workload, easgd({ H: 4, alpha: 0 }, run)))).toEqual(start);
  const loose = await parametersOf(new BulkRounds(workload, easgd({ H: 4, alpha: 0.1 }, run)));
  const forgetful: StrategyFactory = (options, about) => ({
    ...easgd(options, about),
    contribute: (learner, context) =>
      easgd(options, about).contribute(learner, {
        ...context,
        local: { ...context.local, position: context.global.parameters },
      }),
  });
  expect(await parametersOf(new BulkRounds(workload, forgetful({ H: 4, alpha: 0.1 }, run)))).not.toEqual(loose);
});

test.each([
  [diloco, { lr: 11 }, "strategy diloco: lr must be a number from 0 to 10, got 11"],
  [diloco, { momentun: 0.5 }, 'did you mean "momentum"?'],
  [easgd, { alpha: "much" }, 'strategy easgd: alpha must be a number from 0 to 1, got "much"'],
] as const)("options that make no sense are refused: %#", (factory, options, message) => {
  expect(() => factory(options, setUp(2).run)).toThrow(message);
});

test("a strategy that changes what it is given changes nothing else", async () => {
  const { workload, run } = setUp(2);
  const careless: StrategyFactory = (options, about) => ({
    ...localSgd(options, about),
    async contribute(learner, context) {
      const loss = await localSgd(options, about).contribute(learner, context);
      context.global.parameters.fill(7);
      return loss;
    },
    async aggregate({ state }, reduce) {
      const sum = await reduce.sum();
      for (let i = 0; i < sum.length; i++) sum[i] /= 2;
      state.parameters.set(sum);
      expect((await reduce.sum()).every((value, i) => value === 2 * sum[i])).toBe(true);
    },
  });
  const expected = await parametersOf(new BulkRounds(workload, localSgd({ H: 4 }, run)));
  expect(await parametersOf(new BulkRounds(workload, careless({ H: 4 }, run)))).toEqual(expected);
});

test("gradients and updates take memory that lies anywhere", async () => {
  const { options, workload, run } = setUp(2);
  const elsewhere: StrategyFactory = (_, about) => ({
    ...written({}, about),
    async contribute(learner, { rows, out }) {
      const own = new Float32Array(out.length + 3).subarray(3);
      const loss = await learner.gradient(rows, own);
      out.set(own);
      return loss;
    },
    aggregate: async (piece, reduce) => piece.update((await reduce.sum()).map((value) => value)),
  });
  const expected = await parametersOf(new GradientRounds(options));
  expect(await parametersOf(new BulkRounds(workload, elsewhere({}, run)))).toEqual(expected);
});

test("an update begins from blank optimizer state where the strategy keeps none", async () => {
  const { workload, run } = setUp(2);
  const plain: StrategyFactory = (options, about) => ({
    ...written(options, about),
    global: [{ name: "parameters", initial: "parameters" }],
  });
  const untouched: StrategyFactory = (options, about) => ({
    ...plain(options, about),
    async contribute(learner, context) {
      const loss = await learner.gradient(context.rows, context.out);
      // This leaves its optimizer in another state.
      await learner.steps(1, context.rows, context.step);
      return loss;
    },
  });
  const expected = await parametersOf(new BulkRounds(workload, plain({}, run)));
  expect(await parametersOf(new BulkRounds(workload, untouched({}, run)))).toEqual(expected);
});

test.each([
  [
    "no parts",
    { participants: () => [] },
    "participants(0) must return one part or more, from 0 to 1, in ascending order, got []",
  ],
  [
    "a part that is not there",
    { participants: () => [0, 2] },
    "participants(0) must return one part or more, from 0 to 1",
  ],
  ["a part twice", { participants: () => [1, 1] }, "participants(0) must return one part or more, from 0 to 1"],
  [
    "a range beyond the end",
    { exchange: () => [{ offset: 1, length: 1e6 }] },
    "exchange(0) must return one range or more, within",
  ],
  [
    "no loss",
    { contribute: async () => undefined as unknown as number },
    "contribute must resolve with its share of the loss",
  ],
  [
    "no steps later",
    { advance: (round: number) => ({ steps: round < 1 ? 1 : 0, samples: 8 }) },
    "advance(1) must return a whole number of steps",
  ],
  ["names that are stored alike", { local: [{ name: "k" }, { name: "state.k" }] }, "must differ in a checkpoint too"],
] as const)("refuses %s", async (_, wrong, message) => {
  const { workload, run } = setUp(2);
  const attempt = async () => {
    const program = new BulkRounds(workload, { ...localSgd({}, run), ...wrong } as ReturnType<StrategyFactory>);
    program.participants(0);
    program.elements(0);
    program.stepAt(3);
    const replica = await program.open(device, dataset);
    try {
      const local = () => Array.from({ length: program.local }, () => vectorOf(program.length));
      await replica.contribute(0, vectorOf(program.length), { now: local(), next: local() });
    } finally {
      replica.destroy();
    }
  };
  await expect(attempt()).rejects.toThrow(message);
});
