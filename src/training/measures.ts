/** The figures a finished run is judged by: its errors on train and test data, beside those of PCA. */
import { computePca, type Pca, pcaError } from "../analysis/pca.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { adviceAgainstPca } from "./advice.js";
import type { TrainedAutoencoder } from "./trained.js";

/** The errors of a finished run, beside those of PCA with as many components as the code has units. */
export interface RunErrors {
  readonly train: ReconstructionError;
  readonly test: ReconstructionError;
  readonly pca: { readonly components: number; readonly test: ReconstructionError };
}

/** What a finished run is worth. */
export interface RunMeasures {
  readonly errors: RunErrors;
  /** Fitted to the training images, with as many components as the code has units, or as there are. */
  readonly pca: Pca;
  /** What to try, if the run ended worse than PCA. */
  readonly advice: readonly string[];
}

/** Measures a trained autoencoder on train and test data, and PCA on test data. */
export async function measureRun(device: Device, dataset: Dataset, trained: TrainedAutoencoder): Promise<RunMeasures> {
  const { features } = dataset.train;
  const components = Math.min(trained.model.codeSize, features);
  const pca = await computePca(device, trained.scaled(dataset.train), components);
  const errors = {
    train: await trained.evaluate(dataset.train),
    test: await trained.evaluate(dataset.test),
    pca: { components, test: await pcaError(device, pca, trained.scaled(dataset.test)) },
  };
  return { errors, pca, advice: adviceAgainstPca(errors, trained.config, features) };
}
