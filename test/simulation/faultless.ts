/** What a run must come to: the same strategy without actors, one part after the other. */

import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { PlainCollective } from "../../src/distributed/plain-collective.js";
import { Synchronous } from "../../src/distributed/strategies/synchronous.js";
import type { LearnerState } from "../../src/distributed/strategy.js";
import { configuredModel } from "../../src/training/config.js";
import { applyRounded, config, dataset, ROUNDS } from "./simulated-run.js";

export async function faultless(shards: number): Promise<LearnerState> {
  const model = configuredModel(config, dataset.train.features);
  const strategy = new Synchronous({ model, config: { ...config, shards }, steps: ROUNDS });
  const device = openReferenceDevice();
  const learner = await strategy.open(device, dataset);
  learner.restore(0, strategy.initialState());
  const collective = new PlainCollective();
  const vector = (): Float32Array => new Float32Array(strategy.length);
  for (let round = 0; round < ROUNDS; round++) {
    const parts = Array.from({ length: shards }, vector);
    for (const [part, out] of parts.entries()) await learner.contribute(part, out);
    const sum = vector();
    await strategy.combine(collective, parts, sum);
    await applyRounded(learner, strategy, sum);
  }
  const vectors = Array.from({ length: strategy.vectors }, vector);
  const scalars = await learner.save(vectors);
  device.destroy();
  return { vectors, scalars };
}
