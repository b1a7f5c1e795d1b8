/** A training small enough to be done ten thousand times: its data, its configuration, and the way to its checkpoints. */
import type { Split } from "../../src/data/dataset.js";
import { Synchronous } from "../../src/distributed/strategies/synchronous.js";
import type { Learner, LearnerState, Strategy } from "../../src/distributed/strategy.js";
import { stateBuffers } from "../../src/model/lower.js";
import { updateRule } from "../../src/optimizer/optimizer.js";
import { configuredModel, configuredOptimizer, parseConfig } from "../../src/training/config.js";
import type { TrainerState } from "../../src/training/trainer.js";
import { Random } from "../../src/world/random.js";

export const ROUNDS = 14;
export const IMAGES = 20;
export const BATCH = 8;
const FEATURES = 6;

function split(count: number, seed: number): Split {
  const random = new Random(seed);
  const images = Float32Array.from({ length: count * FEATURES }, () => random.uniform());
  return { images, count, features: FEATURES, scale: 1 };
}

export const dataset = { train: split(IMAGES, 1), test: split(4, 2) };

export const config = parseConfig({
  layers: [FEATURES, 4, 2],
  batch: BATCH,
  steps: ROUNDS,
  optimizer: "adam",
  lr: 0.01,
  shards: 4,
  loss: "mse",
});

export const model = configuredModel(config, FEATURES);

export function synchronous(shards: number): Synchronous {
  return new Synchronous({ model, config: { ...config, shards }, steps: ROUNDS });
}

/** The reference device keeps its state in float64; what is saved of it is f32, and so it goes on from that. */
export async function applyRounded(learner: Learner, { vectors, length }: Strategy, sum: Float32Array): Promise<void> {
  await learner.apply(sum);
  const state = Array.from({ length: vectors }, () => new Float32Array(length));
  const scalars = await learner.save(state);
  learner.restore(learner.round, { vectors: state, scalars });
}

const SLOTS = stateBuffers(updateRule(configuredOptimizer(config)));

export function toTrainerState(step: number, { vectors }: LearnerState): TrainerState {
  return {
    step,
    parameters: vectors[0],
    optimizer: Object.fromEntries(SLOTS.map((slot, i) => [slot, vectors[i + 1]])),
  };
}

export function toLearnerState({ parameters, optimizer }: TrainerState): LearnerState {
  return { vectors: [parameters, ...SLOTS.map((slot) => optimizer[slot])], scalars: [] };
}
