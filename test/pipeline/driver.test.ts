/** A pipeline computes the same as one device with the same micro-batches. */
import { afterAll, describe, expect, it } from "vitest";
import type { Collective } from "../../src/collective/collective.js";
import { NativeCollective } from "../../src/collective/native-collective.js";
import type { Device } from "../../src/device/device.js";
import { pipelineStages } from "../../src/model/stage-cut.js";
import { Pipeline } from "../../src/pipeline/driver.js";
import type { PipelineOptions } from "../../src/pipeline/options.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import type { Replica, RoundProgram } from "../../src/strategies/rounds/replica.js";
import { parseConfig, type TrainingOptions } from "../../src/training/config/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";
import { Random } from "../../src/world/random.js";
import { DEVICES, isBrief } from "../support/devices.js";
import { openRoundedDevice, type RoundedDevice } from "../support/rounded-device.js";
import { openRow } from "./row.js";

const STEPS = 3;
const FEATURES = 20;

function split(count: number, seed: number) {
  const random = new Random(seed);
  const images = Uint8Array.from({ length: count * FEATURES }, () => random.below(256));
  return { images, count, features: FEATURES, scale: 1 / 255 };
}

const dataset = { train: split(50, 1), test: split(30, 2) };

function optionsOf(given: TrainingOptions): PipelineOptions {
  const config = parseConfig({ layers: [FEATURES, 17, 9, 5], batch: 23, parts: 5, steps: STEPS, lr: 0.01, ...given });
  return { model: modelFromConfig(config, FEATURES), config, steps: STEPS };
}

function aligned(length: number): Float32Array {
  const memory = createSharedMemory(4 * length);
  const vector = new Float32Array(memory.buffer);
  memory.close();
  return vector;
}

/** The results of a strategy on one device: losses, state and evaluation. */
async function train(
  strategy: RoundProgram,
  learner: Replica,
  collective: Collective,
  vector = () => aligned(strategy.length),
) {
  learner.restore(0, strategy.initialState());
  const losses: number[] = [];
  for (let round = 0; round < STEPS; round++) {
    const parts = Array.from({ length: strategy.parts }, vector);
    let loss = 0;
    for (const [part, out] of parts.entries()) loss += await learner.contribute(part, out);
    losses.push(loss);
    const sum = vector();
    await strategy.combine(collective, parts, sum);
    await learner.apply(sum);
  }
  await learner.settled();
  const state = Array.from({ length: strategy.vectors }, vector);
  const scalars = await learner.save(state);
  const bits = state.map((saved) => new Uint32Array(saved.buffer, saved.byteOffset, saved.length).slice());
  return { losses, scalars, bits, error: (await learner.evaluate()).test };
}

async function onOneDevice(options: PipelineOptions, device: Device, collective: Collective) {
  const strategy = new GradientRounds(options);
  const learner = await strategy.open(device, dataset);
  const result = await train(strategy, learner, collective);
  learner.destroy();
  return result;
}

async function inStages(options: PipelineOptions, open: (stage: number) => Promise<Device>, collective: Collective) {
  const row = await openRow(options, dataset, collective, open);
  try {
    return await train(row.strategy, row.learner, collective);
  } finally {
    await row.close();
  }
}

const rounded = {
  name: "reference, rounded",
  kind: "reference" as const,
  open: async (): Promise<Device> => openRoundedDevice(),
};
const devices = [rounded, ...DEVICES.filter(({ kind }) => kind !== "reference")];

const MORE: [string, TrainingOptions][] = [
  ["two micro-batches, gelu, mse", { optimizer: "momentum", parts: 2, activation: "gelu", loss: "mse" }],
  ["one micro-batch", { optimizer: "sgd", parts: 1 }],
  ["as many micro-batches as images", { optimizer: "adam", batch: 6, parts: 6 }],
  ["gelu all the way", { loss: "mse", activation: "gelu", codeActivation: "gelu", outputActivation: "gelu" }],
  ["no encoder", { layers: [FEATURES, 6], parts: 3 }],
  ["weight decay, a schedule", { optimizer: "adamw", weightDecay: 0.1, schedule: "cosine", warmup: 1 }],
];

describe.each(devices)("a pipeline on $name", ({ open, kind }) => {
  const opened: Device[] = [];
  const openOne = async (): Promise<Device> => {
    const device = await open();
    opened.push(device);
    return device;
  };
  afterAll(() => {
    for (const device of opened) device.destroy();
  });
  const collective = new NativeCollective();

  it.each<[string, TrainingOptions]>([
    ["adam, bce", { optimizer: "adam" }],
    // A software GPU takes long to compile programs.
    ...(isBrief(kind) ? [] : MORE),
  ])("has the bits of one device: %s", async (_, given) => {
    const options = optionsOf(given);
    const expected = await onOneDevice(options, await openOne(), collective);
    const result = await inStages(options, openOne, collective);
    expect(result).toEqual(expected);
  });
});

describe("a pipeline", () => {
  it("is near one device also where memory holds more than f32", async () => {
    const options = optionsOf({});
    const reference = DEVICES.filter(({ kind }) => kind === "reference")[0];
    const [device, collective] = [await reference.open(), new NativeCollective()];
    const expected = await onOneDevice(options, device, collective);
    device.destroy();
    const result = await inStages(options, reference.open, collective);
    expect(result.losses.length).toBe(STEPS);
    for (const [i, loss] of result.losses.entries()) expect(loss).toBeCloseTo(expected.losses[i], 5);
    expect(result.error.mse).toBeCloseTo(expected.error.mse, 5);
  });

  it("keeps in each stage what is its own, and nothing of the rest", async () => {
    const options = optionsOf({ optimizer: "adam", batch: 12, parts: 6 });
    const opened: RoundedDevice[] = [];
    await inStages(
      options,
      async (stage) => {
        opened[stage] = openRoundedDevice();
        return opened[stage];
      },
      new NativeCollective(),
    );
    const rows = 2;
    const stages = pipelineStages(options.model);
    for (const [i, { name, length }] of stages.entries()) {
      const lengths = (label: string): number[] =>
        opened[i].made.filter((buffer) => buffer.label === label).map((buffer) => buffer.length);
      for (const label of ["parameters", "gradients", "state.first", "state.second"]) {
        expect([label, lengths(label)]).toEqual([label, [length]]);
      }
      // There is room for the input of each micro-batch in flight, because the backward pass needs it.
      const [input] = [options.model[name as "encoder"][0].inputs];
      const inputs = lengths(["batch", "encoder.1.output", "bottleneck.0.output"][i]);
      expect(inputs.filter((size) => size === rows * input)).toHaveLength(3 - i);
      // Of other stages it has only the tensors that it receives, and the gradients that it sends back.
      const [before] = i === 0 ? [] : options.model[stages[i - 1].name as "encoder"].slice(-1);
      const foreign = stages.filter((other) => other.name !== name).map((other) => `${other.name}.`);
      for (const { label } of opened[i].made.filter((made) =>
        foreign.some((prefix) => made.label.startsWith(prefix)),
      )) {
        // The derivative of some activations, such as gelu, is computed from their input.
        const over = ["output", "output.gradient", "output.preActivation"].map((what) => `${before?.name}.${what}`);
        expect(over).toContain(label);
      }
      expect(lengths("images").length > 0).toBe(i !== 1);
    }
  });

  it("takes vectors of the tensor store where they lie", async () => {
    const options = optionsOf({});
    const collective = new NativeCollective();
    const expected = await inStages(options, async () => openRoundedDevice(), collective);
    const row = await openRow(options, dataset, collective, async () => openRoundedDevice());
    let slot = 0;
    const result = await train(row.strategy, row.learner, collective, () => row.tensors.slot(slot++ % 20));
    await row.close();
    expect(result).toEqual(expected);
  });

  it("refuses what needs the norm of the whole gradient", () => {
    expect(() => new Pipeline(optionsOf({ clip: 1 }))).toThrow(/^clip 1 needs the norm .* leave clip out/);
    expect(() => new Pipeline(optionsOf({ precision: "f16" }))).toThrow(/^precision f16 needs .* use f32/);
  });
});
