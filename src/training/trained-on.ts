/** Finds the data that a checkpoint was trained on; or other data, if the user asks for it. */
import { isAbsolute } from "node:path";
import type { StoredCheckpoint } from "../checkpoint/read.js";
import { type Dataset, limitDataset, scaleDataset } from "../data/dataset.js";
import { checkSameData } from "../data/identity.js";
import { DATASET_NAMES, type LoadOptions, loadDataset } from "../data/load.js";
import { UsageError } from "../error.js";
import { configFromCheckpoint } from "./run-folder/snapshot.js";

interface AskedData {
  /** A name or path. Default: that of the training data. */
  readonly dataset?: string;
  /** Default: as many rows as in training, or all rows of a data set that is named. */
  readonly limit?: number;
  readonly scale?: number;
  readonly shape?: string;
  readonly label?: string;
  /** Whether other data is accepted. */
  readonly otherData?: boolean;
}

/**
 * Name or path of a run's data, if the data can be found by it.
 * @throws UsageError for data that a program had in memory
 */
export function recordedData(dataset: string, data: StoredCheckpoint["data"]): string {
  const isFound = isAbsolute(dataset) || dataset.startsWith("digits:") || DATASET_NAMES.includes(dataset);
  // Checkpoints of the first format hold paths as they were typed.
  if (isFound || data === undefined) return dataset;
  throw new UsageError(
    `the checkpoint was trained on "${dataset}", which a program had in memory: name the same data with --dataset`,
  );
}

/** @throws DataError when it is other data, and other data is not accepted */
export async function loadTrainedData(
  checkpoint: StoredCheckpoint,
  { dataset: asked, limit, otherData = false, ...said }: AskedData,
  options: LoadOptions,
): Promise<Dataset> {
  const config = configFromCheckpoint(checkpoint);
  const known = otherData ? undefined : checkpoint.data;
  const most = limit ?? (asked === undefined ? config.limit : undefined);
  // All rows of the training data are needed to recognise it, even if fewer rows are asked for.
  const needed = known && most !== undefined ? Math.max(most, known.train, known.test) : most;
  const rows = {
    // Known data takes the scale of the run; other data may be stored in another way.
    scale: said.scale ?? (known && config.scale),
    shape: said.shape ?? config.shape,
    label: said.label ?? (known && config.label),
    // Another table may have its columns in another order, and more of them.
    columns: known ? undefined : checkpoint.data?.columns,
  };
  const place = { ...options, ...rows, seed: config.seed, limit: needed };
  const dataset = await loadDataset(asked ?? recordedData(config.dataset, checkpoint.data), place);
  if (known) checkSameData("other data", known, dataset, true);
  const scaled = known || said.scale !== undefined ? dataset : scaledAs(dataset, config.scale);
  return limitDataset(scaled, most ?? Number.POSITIVE_INFINITY);
}

/** Bytes take the scale of the bytes in training, even if all of them happen to be 0 and 1. */
function scaledAs(dataset: Dataset, scale = 1): Dataset {
  const { images, origin } = dataset.train;
  if (!(images instanceof Uint8Array) || origin?.type === "bool" || scale === 1) return dataset;
  return scaleDataset(dataset, scale);
}
