/**
 * Converts between the state of a learner, which is vectors in an order, and that of a trainer, whose vectors have
 * names, as in checkpoints.
 */
import { LOSS_SCALE, stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { LearnerState } from "../strategies/strategy.js";
import type { TrainingConfig } from "../training/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import type { TrainerState } from "../training/trainer.js";

export function toLearnerState(config: TrainingConfig, { parameters, optimizer }: TrainerState): LearnerState {
  return {
    vectors: [parameters, ...slotsOf(config).map((slot) => optimizer[slot])],
    scalars: [...(optimizer[LOSS_SCALE] ?? [])],
  };
}

export function toTrainerState(config: TrainingConfig, step: number, { vectors, scalars }: LearnerState): TrainerState {
  const optimizer: Record<string, Float32Array> = {};
  for (const [i, slot] of slotsOf(config).entries()) optimizer[slot] = vectors[i + 1];
  if (scalars.length > 0) optimizer[LOSS_SCALE] = Float32Array.from(scalars);
  return { step, parameters: vectors[0], optimizer };
}

/** Names of the optimizer's state, in the order of the vectors. */
function slotsOf(config: TrainingConfig): string[] {
  return stateBuffers(updateRule(optimizerFromConfig(config)));
}
