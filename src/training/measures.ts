/** The results of a run: its errors on training and test data, beside those of PCA. */
import { computePca, type Pca, pcaError } from "../analysis/pca.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { Dataset, Split } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import type { Timers } from "../world/world.js";
import { adviceAgainstPca } from "./advice.js";
import type { TrainedAutoencoder } from "./trained.js";

/** Errors of a run, beside those of PCA with as many components as the code has units. */
export interface RunErrors {
  readonly train: ReconstructionError;
  readonly test: ReconstructionError;
  /** Absent where PCA was not asked for, or was stopped. */
  readonly pca?: { readonly components: number; readonly test: ReconstructionError };
}

/** Results of a run. */
export interface RunMeasures {
  readonly errors: RunErrors;
  /** Fitted to the training images, with as many components as the code has units, or as the data permits. */
  readonly pca?: Pca;
  /** What to try, if the run ended worse than PCA. */
  readonly advice: readonly string[];
}

export interface MeasureOptions {
  /** Whether to compare with PCA; default true. */
  readonly pca?: boolean;
  /** Stops PCA, which is then left out. */
  readonly signal?: AbortSignal;
  /** Told when PCA begins, and when it is done, was stopped or has taken all the time that it may. */
  readonly onPca?: (state: PcaState) => void;
  /** With timers, PCA ends after a minute at the latest. */
  readonly timers?: Timers;
}

type PcaState = "begun" | "done" | "stopped" | "too long";

/** Milliseconds: PCA is only a comparison, and not worth a longer wait. */
const LONGEST_PCA = 60_000;

/** Measures a trained autoencoder on train and test data, and PCA on test data. */
export async function measureRun(
  device: Device,
  dataset: Dataset,
  trained: TrainedAutoencoder,
  options: MeasureOptions = {},
): Promise<RunMeasures> {
  const errors = { train: await trained.evaluate(dataset.train), test: await trained.evaluate(dataset.test) };
  if (options.pca === false) return { errors, advice: [] };
  const { features } = dataset.train;
  const components = Math.min(trained.model.codeSize, features);
  const pca = await boundedPca(device, trained.scaled(dataset.train), components, options);
  if (!pca) return { errors, advice: [] };
  const test = await pcaError(device, pca, trained.scaled(dataset.test));
  const compared = { ...errors, pca: { components, test } };
  return { errors: compared, pca, advice: adviceAgainstPca(compared, trained.config, features) };
}

/** Undefined when PCA was stopped, or took too long. */
async function boundedPca(
  device: Device,
  split: Split,
  components: number,
  { signal, timers, onPca }: MeasureOptions,
): Promise<Pca | undefined> {
  const limit = new AbortController();
  const cancel = timers?.after(LONGEST_PCA, () => limit.abort());
  const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
  onPca?.("begun");
  try {
    const pca = await computePca(device, split, components, either);
    onPca?.("done");
    return pca;
  } catch (error) {
    if (!either.aborted) throw error;
    onPca?.(limit.signal.aborted ? "too long" : "stopped");
    return undefined;
  } finally {
    cancel?.();
  }
}
