/** The data and the configuration of a training that is so small that tests can repeat it ten thousand times. */
import type { Split } from "../../src/data/dataset.js";
import { GradientRounds } from "../../src/strategies/rounds/gradient-rounds.js";
import { type Replica, type ReplicaProgram, replicaVectors } from "../../src/strategies/rounds/replica.js";
import { parseConfig } from "../../src/training/config/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
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
  parts: 4,
  loss: "mse",
});

export const model = modelFromConfig(config, FEATURES);

export function synchronous(parts: number): GradientRounds {
  return new GradientRounds({ model, config: { ...config, parts }, steps: ROUNDS });
}

/** The reference device has its state in float64. A saved state is f32, so this rounds the state to what is saved. */
export async function applyRounded(
  learner: Replica,
  program: ReplicaProgram,
  sum: Float32Array,
  each?: (part: number) => Float32Array,
  arrived?: readonly number[],
): Promise<void> {
  await learner.apply(sum, each, arrived);
  const state = Array.from({ length: replicaVectors(program) }, () => new Float32Array(program.length));
  const scalars = await learner.save(state);
  learner.restore(learner.round, { vectors: state, scalars });
}
