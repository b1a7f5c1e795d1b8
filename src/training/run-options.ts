/** What a run on one device is given. */
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Keys } from "../option-keys.js";
import type { World } from "../world/world.js";
import type { TrainingOptions } from "./config/config.js";
import type { Observer, RunPlace } from "./event.js";
import type { AskFolder } from "./run-folder/last-checkpoint.js";
import type { TrainerOptions } from "./trainer.js";
import type { InitialWeights } from "./weights.js";

/** What to train, on which data, and where. */
export interface RunOptions {
  readonly world: World;
  readonly device: Device;
  readonly dataset: Dataset;
  readonly config: TrainingOptions;
  /** Folder of the run. */
  readonly out: string;
  /** Weights to begin a new run with, instead of random ones from the seed. */
  readonly initial?: InitialWeights;
  /** Go on from the newest intact checkpoint in `out`. */
  readonly resume?: boolean;
  /** Go on even if `dataset` is not the data of the run so far. */
  readonly otherData?: boolean;
  /** Ends the run after the enqueued steps, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  /** For the record of the run. */
  readonly place?: RunPlace;
  /** Chooses the kernels of the training step before the first one. */
  readonly tune?: TrainerOptions["tune"];
  /** Whether a step that makes a NaN or an infinity fails with the op that made it. */
  readonly checkFinite?: boolean;
  readonly askFolder?: AskFolder;
}

/** The keys of the options. */
export const RUN_KEYS: Keys<RunOptions> = {
  world: true,
  device: true,
  dataset: true,
  config: true,
  out: true,
  initial: true,
  resume: true,
  otherData: true,
  signal: true,
  observer: true,
  place: true,
  tune: true,
  checkFinite: true,
  askFolder: true,
};

/** The inputs of a run, besides its plan. */
export type PlanDependencies = Omit<RunOptions, "dataset" | "config" | "initial" | "resume" | "otherData">;
