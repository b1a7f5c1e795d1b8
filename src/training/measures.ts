/** The results of a run: its errors on training and test data, beside those of PCA. */
import { computePca, type Pca, pcaError } from "../analysis/pca.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { messageOf } from "../error.js";
import type { Timers } from "../world/world.js";
import { adviceAgainstPca } from "./config/advice.js";
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
  /** What could not be measured, and why. */
  readonly notices: readonly string[];
}

/** Whether `measureRun` compares a run with PCA, and for how long. */
export interface MeasureOptions {
  /** Whether to compare with PCA; default true. */
  readonly pca?: boolean;
  /** Stops PCA, which is then left out. */
  readonly signal?: AbortSignal;
  /** Called when PCA begins, and when it is done, is stopped, has used up its time, or fails. */
  readonly onPca?: (state: PcaState) => void;
  /** With timers, PCA ends after a minute at the latest. */
  readonly timers?: Timers;
}

/** The state of the PCA with which a run is compared. */
export type PcaState = "begun" | "done" | "stopped" | "too long" | "failed";

/** Milliseconds: PCA is only a comparison, and not worth a longer wait. */
const LONGEST_PCA = 60_000;

/**
 * Measures a trained autoencoder on train and test data, and PCA on test data.
 * @example
 * ```ts
 * import { measureRun, openDevice, train } from "dawnpour";
 *
 * await using device = await openDevice({ device: "cpu" });
 * const small = { dataset: "digits:200", layers: [784, 16, 4], batch: 50, steps: 8 };
 * await using run = await train(small, { device, out: "runs/measured", pca: false });
 * const { errors } = await measureRun(device, run.dataset, run.autoencoder);
 * console.log(errors.pca !== undefined && errors.pca.test.sse < errors.test.sse); // true
 * ```
 */
export async function measureRun(
  device: Device,
  dataset: Dataset,
  trained: TrainedAutoencoder,
  options: MeasureOptions = {},
): Promise<RunMeasures> {
  const errors = { train: await trained.evaluate(dataset.train), test: await trained.evaluate(dataset.test) };
  const bare = { errors, advice: [], notices: [] };
  if (options.pca === false) return bare;
  try {
    const compared = await boundedPca(device, dataset, trained, options);
    if (!compared) return bare;
    const all = { ...errors, pca: compared.errors };
    const advice = adviceAgainstPca(all, trained.config, dataset.train.features);
    return { ...bare, errors: all, pca: compared.pca, advice };
  } catch (error) {
    // If PCA fails, only the comparison is missing.
    return { ...bare, notices: [`PCA was left out: ${messageOf(error)}`] };
  }
}

/** PCA and its error on test data; undefined when it was stopped, or took too long. */
async function boundedPca(
  device: Device,
  { train, test }: Dataset,
  trained: TrainedAutoencoder,
  { signal, timers, onPca }: MeasureOptions,
): Promise<{ readonly pca: Pca; readonly errors: Required<RunErrors>["pca"] } | undefined> {
  const limit = new AbortController();
  const cancel = timers?.after(LONGEST_PCA, () => limit.abort());
  const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
  const components = Math.min(trained.model.codeSize, train.features);
  onPca?.("begun");
  try {
    const pca = await computePca(device, trained.scaled(train), components, either);
    const errors = { components, test: await pcaError(device, pca, trained.scaled(test)) };
    onPca?.("done");
    return { pca, errors };
  } catch (error) {
    if (!either.aborted) {
      onPca?.("failed");
      throw error;
    }
    onPca?.(limit.signal.aborted ? "too long" : "stopped");
    return undefined;
  } finally {
    cancel?.();
  }
}
