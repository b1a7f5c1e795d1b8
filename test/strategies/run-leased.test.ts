/** Rounds under a lease have the bits of separate rounds, on every device that computes in float32. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Split } from "../../src/data/dataset.js";
import { Sampler } from "../../src/data/sampler.js";
import type { Device } from "../../src/device/device.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import type { Replica } from "../../src/strategies/rounds/replica.js";
import { parseConfig, type TrainingOptions } from "../../src/training/config/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";
import { Random } from "../../src/world/random.js";
import { DEVICES, describeEveryDevice, isBrief, lacks } from "../support/devices.js";

const STEPS = 70;
const IMAGES = 24;
const BATCH = 8;
const FEATURES = 6;
const OPTIONS: TrainingOptions = {
  layers: [FEATURES, 5, 2],
  batch: BATCH,
  steps: STEPS,
  optimizer: "adam",
  lr: 0.01,
  schedule: "cosine",
};

const closed: (() => void)[] = [];
afterEach(() => {
  for (const close of closed.splice(0)) close();
});

function images(count: number, seed: number): Split {
  const random = new Random(seed);
  const values = Float32Array.from({ length: count * FEATURES }, () => random.uniform());
  return { images: values, count, features: FEATURES, scale: 1 };
}

/** @param spoilt an image of the training set that is not finite */
function strategyOf(options: TrainingOptions, spoilt?: number) {
  const config = parseConfig({ ...OPTIONS, ...options });
  const strategy = new GradientRounds({ model: modelFromConfig(config, FEATURES), config, steps: STEPS });
  const dataset = { train: images(IMAGES, 1), test: images(4, 2) };
  if (spoilt !== undefined) dataset.train.images[spoilt * FEATURES] = Number.NaN;
  const vector = (): Float32Array => {
    const memory = createSharedMemory(4 * strategy.length);
    closed.push(() => memory.close());
    return new Float32Array(memory.buffer, 0, strategy.length);
  };
  const open = async (device: Device): Promise<Replica> => {
    const learner = await strategy.open(device, dataset);
    learner.restore(0, strategy.initialState());
    return learner;
  };
  /** The state as bits. */
  const stateOf = async (learner: Replica) => {
    const vectors = Array.from({ length: strategy.vectors }, vector);
    const scalars = await learner.save(vectors);
    return [learner.round, scalars, vectors.map((saved) => [...new Uint32Array(saved.slice().buffer)])];
  };
  return { open, stateOf, vector };
}

async function oneByOne(learner: Replica, count: number, gradient: Float32Array): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) {
    losses.push(await learner.contribute(0, gradient));
    await learner.apply(gradient);
    await learner.settled();
  }
  return losses;
}

async function runLeased(learner: Replica, count: number): Promise<readonly number[]> {
  if (!learner.runLeased) throw new Error("the learner has no runLeased");
  return learner.runLeased(count);
}

// The reference device is left out. Its state is float64, and gradients that go through memory are rounded to float32.
const FLOAT32 = DEVICES.filter(({ kind }) => kind !== "reference");

/** How it trains. In brief the first ones: update rules are one kernel with a formula each, which other tests check. */
const WAYS = [
  ["plainly", {}],
  ["with momentum and weight decay", { optimizer: "momentum", weightDecay: 0.1 }],
  ["with clipped gradients", { clip: 0.01 }],
  ["in half precision", { precision: "f16" }],
  ["with weight decay", { optimizer: "adamw", weightDecay: 0.1 }],
  ["by Nesterov's momentum", { optimizer: "nesterov" }],
  ["by RMSProp", { optimizer: "rmsprop" }],
  ["in bfloat16", { precision: "bf16" }],
] as const;
const BRIEF = 4;

describe.each(FLOAT32)("a learner that runs leased rounds on $name", ({ open: openDevice, kind }) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice();
  });
  afterAll(() => device.destroy());

  it.for(isBrief(kind) ? WAYS.slice(0, BRIEF) : WAYS)(
    "comes to the same bits as one by one, %s",
    async ([, options], { skip }) => {
      skip("precision" in options && lacks(device, options.precision), "the adapter lacks the type");
      const { open, stateOf, vector } = strategyOf(options);
      const [one, other] = [await open(device), await open(device)];
      const losses = await oneByOne(one, STEPS, vector());
      const leaseReport = [...(await runLeased(other, 3)), ...(await oneByOne(other, 2, vector()))];
      // These are more rounds than a window holds, so the rest needs another call.
      while (leaseReport.length < STEPS) leaseReport.push(...(await runLeased(other, STEPS - leaseReport.length)));
      expect(leaseReport).toEqual(losses);
      expect(await stateOf(other)).toEqual(await stateOf(one));
      for (const learner of [one, other]) learner.destroy();
    },
  );
});

describeEveryDevice((device) => {
  it("stops before a round that is not finite, and keeps its state", async () => {
    // The image is in the last batch of an epoch, so the next batches are finite for a while.
    const sound = IMAGES / BATCH - 1;
    const [spoilt] = new Sampler({ seed: 0, count: IMAGES, batch: BATCH }).rows(sound);
    const { open, stateOf } = strategyOf({ seed: 0 }, spoilt);
    const [one, other] = [await open(device()), await open(device())];
    const losses = await runLeased(one, sound + 2);
    expect(losses).toHaveLength(sound);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(one.round).toBe(sound);
    expect(await runLeased(one, 5)).toEqual([]);
    await runLeased(other, sound);
    expect(await stateOf(one)).toEqual(await stateOf(other));
    for (const learner of [one, other]) learner.destroy();
  });
});
