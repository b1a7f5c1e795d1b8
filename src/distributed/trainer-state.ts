/**
 * Converts between the state of a learner, which is vectors in an order, and that of a trainer, whose vectors have
 * names, as in checkpoints.
 */
import { DataError } from "../error.js";
import { LOSS_SCALE, stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { ReplicaVectors } from "../strategies/rounds/replica.js";
import type { TrainingConfig } from "../training/config/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import type { TrainerState } from "../training/trainer.js";

/** @param names of the vectors, `parameters` first; default: those of a trainer */
export function toLearnerState(
  config: TrainingConfig,
  { parameters, optimizer }: TrainerState,
  names: readonly string[] = ["parameters", ...slotsOf(config)],
): ReplicaVectors {
  const missing = names.slice(1).find((name) => !optimizer[name]);
  if (missing) throw new DataError(`the checkpoint has no ${missing}: it is of another strategy, or damaged`);
  return {
    vectors: [parameters, ...names.slice(1).map((name) => optimizer[name])],
    scalars: [...(optimizer[LOSS_SCALE] ?? [])],
  };
}

export function toTrainerState(
  config: TrainingConfig,
  step: number,
  { vectors, scalars }: ReplicaVectors,
  names: readonly string[] = ["parameters", ...slotsOf(config)],
): TrainerState {
  const optimizer: Record<string, Float32Array> = {};
  for (const [i, name] of names.slice(1).entries()) optimizer[name] = vectors[i + 1];
  if (scalars.length > 0) optimizer[LOSS_SCALE] = Float32Array.from(scalars);
  return { step, parameters: vectors[0], optimizer };
}

/** Names of the optimizer's state, in the order of the vectors. */
function slotsOf(config: TrainingConfig): string[] {
  return stateBuffers(updateRule(optimizerFromConfig(config)));
}
