/** The rows that `score` and `apply` read: usually not those of the training. */
import type { Option } from "commander";
import type { StoredCheckpoint } from "../checkpoint/read.js";
import type { Dataset, Split } from "../data/dataset.js";
import type { World } from "../world/world.js";
import { note } from "./display/output.js";
import { choice } from "./options.js";
import { loadData, type TrainedOptions } from "./trained.js";

const SPLITS = ["train", "test", "all"] as const;

export interface RowsOptions {
  readonly split?: (typeof SPLITS)[number];
}

export const splitOption = (): Option => choice("--split <name>", "which rows", SPLITS, "test, with --dataset all");

/** @returns the rows, the data that they are of, and words for both */
export async function askedRows(
  world: World,
  checkpoint: StoredCheckpoint,
  options: TrainedOptions & RowsOptions,
): Promise<{ readonly rows: Split; readonly data: Dataset; readonly source: string; readonly which: string }> {
  const { dataset, split = dataset === undefined ? "test" : "all" } = options;
  const data = await loadData(world, dataset === undefined ? options : { ...options, otherData: true }, checkpoint);
  for (const remark of data.remarks ?? []) note(`note: ${remark}`);
  const rows = split === "all" ? joined(data.train, data.test) : data[split];
  return { rows, data, source: data.source, which: split === "all" ? "all" : `the ${split}` };
}

/** A file without parts is split into its first and its last rows: joined in this order they are the file. */
function joined(train: Split, test: Split): Split {
  const images = new (train.images instanceof Uint8Array ? Uint8Array : Float32Array)(
    train.images.length + test.images.length,
  );
  images.set(train.images);
  images.set(test.images, train.images.length);
  const labels = train.labels && test.labels && Int32Array.from([...train.labels, ...test.labels]);
  const targets = train.targets && test.targets && Float32Array.from([...train.targets, ...test.targets]);
  return { ...train, images, count: train.count + test.count, labels, targets };
}
