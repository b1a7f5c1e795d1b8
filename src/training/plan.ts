/**
 * What a run is to do, found out before anything is touched: all that can be refused in a configuration, a data set or a
 * checkpoint is refused here.
 */
import { openCheckpoint } from "../checkpoint/open.js";
import type { Dataset } from "../data/dataset.js";
import { DataError, UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { World } from "../world/world.js";
import { parseConfig, resumedConfig, type TrainingConfig, type TrainingOptions, totalSteps } from "./config.js";
import { configuredModel } from "./configured.js";
import { fromCheckpoint } from "./snapshot.js";
import type { TrainerState } from "./trainer.js";

export interface Plan {
  readonly config: TrainingConfig;
  readonly model: Autoencoder;
  /** Of the whole run, those already done included. */
  readonly steps: number;
  /** Where to go on from. */
  readonly checkpoint?: {
    readonly state: TrainerState;
    /** Damaged checkpoints that were passed over: a line for each. */
    readonly skipped: readonly string[];
  };
}

/** A new run. */
export function planNew(config: TrainingOptions, dataset: Dataset): Plan {
  return plan(parseConfig(config), dataset);
}

/**
 * The rest of the run in the folder `out`, from its newest intact checkpoint on.
 * @param given what may be changed: see `resumedConfig`
 */
export async function planResumed(world: World, out: string, given: TrainingOptions, dataset: Dataset): Promise<Plan> {
  const checkpoint = await openCheckpoint(world, out);
  const { config, state } = fromCheckpoint(checkpoint);
  checkSameData(checkpoint, config, dataset);
  const resumed = plan(resumedConfig(config, given), dataset);
  if (resumed.steps < checkpoint.step) {
    throw new UsageError(
      `cannot resume: ${checkpoint.path} is at step ${checkpoint.step}, past the ${resumed.steps} steps asked for: ask for more`,
    );
  }
  return { ...resumed, checkpoint: { state, skipped: checkpoint.skipped } };
}

function plan(config: TrainingConfig, dataset: Dataset): Plan {
  const model = configuredModel(config, dataset.train.features);
  checkTargets(config, dataset);
  return { config, model, steps: totalSteps(config, dataset.train.count) };
}

/** Cross-entropy is of probabilities: beyond [0, 1] it has no least value, and training would run away. */
function checkTargets({ loss }: TrainingConfig, { name, train: { images, scale } }: Dataset): void {
  if (loss !== "bce" || images instanceof Uint8Array) return;
  const bad = images.findIndex((value) => !(value * scale >= 0 && value * scale <= 1));
  if (bad >= 0) {
    throw new UsageError(
      `loss bce needs values in [0, 1], but value ${bad} of ${name} is ${images[bad] * scale}: rescale the data, or use loss mse`,
    );
  }
}

/** With other images a resumed run would be another run. How many there were follows from the passes over them. */
function checkSameData(
  { step, epoch }: { readonly step: number; readonly epoch: number },
  { batch, dataset: name }: TrainingConfig,
  { train, notice }: Dataset,
): void {
  if (notice !== undefined) throw new DataError(`cannot resume a run on ${name} without it: ${notice}`);
  const images = step === 0 ? train.count : Math.round((step * batch) / epoch);
  if (images !== train.count) {
    throw new DataError(
      `cannot resume: the run was trained on ${images} images of ${name}, which now has ${train.count}: give the same data`,
    );
  }
}
