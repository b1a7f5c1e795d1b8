/** Published data sets by name: found on this machine, else downloaded. */
import { join } from "node:path";
import { DataError, DawnpourError } from "../../error.js";
import { cacheFolder } from "../../world/cache-folder.js";
import { explained } from "../../world/disk-error.js";
import type { Disk, World } from "../../world/world.js";
import type { Dataset } from "../dataset.js";
import { openFile } from "../file.js";
import { type RowOptions, toDataset } from "../sources.js";
import type { Source } from "../split.js";
import { downloadDataset, type Progress } from "./download.js";
import type { PublishedDataset } from "./published-dataset.js";
import { type FileSet, findFiles } from "./resolve.js";

export interface PublishedPlace {
  readonly world: World;
  /**
   * Folder that holds the published data set. Default: DAWNPOUR_DATA and the user cache are searched, then the files
   * are downloaded.
   */
  readonly data?: string;
  readonly onProgress?: Progress;
  /** Environment variables; those of the process by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

interface Located {
  readonly files: FileSet;
  readonly downloaded: boolean;
}

interface Missing {
  /** One clause with the reason why there is none. */
  readonly missing: string;
}

/** @throws DataError when its files are damaged, or a folder that the user named is missing or lacks files */
export async function loadPublished(
  dataset: PublishedDataset,
  options: PublishedPlace & RowOptions,
): Promise<Dataset | Missing> {
  const located = await locate(dataset, options);
  if ("missing" in located) return located;
  const { files, downloaded } = located;
  const { disk } = options.world;
  const source = `${dataset.title}, ${downloaded ? "downloaded into" : "from"} ${files.folder}`;
  const train = await openPair(disk, files.trainImages, files.trainLabels);
  const test = await openPair(disk, files.testImages, files.testLabels);
  const read = await toDataset(dataset.name, files.folder, { train, test }, options);
  const named = { ...read, source, reference: dataset.name };
  return files.genuine ? named : { ...named, notice: `${files.folder} does not hold ${dataset.title} as published` };
}

async function openPair(disk: Disk, images: string, labels: string): Promise<Source> {
  const [values] = await openFile(disk, images);
  const [classes] = await openFile(disk, labels);
  return {
    files: [images],
    values,
    labels: { file: labels, count: classes.shape[0], read: (start, end) => classes.rows(start, end) },
  };
}

/**
 * The files of a published data set, downloaded if necessary; or one clause with the reason why there are none.
 * @throws DataError when a folder that the user named is missing or lacks files
 */
async function locate(
  dataset: PublishedDataset,
  { world, data, environment = process.env, onProgress }: PublishedPlace,
): Promise<Located | Missing> {
  const cache = cacheFolder();
  const variable = environment.DAWNPOUR_DATA || undefined;
  const roots = data === undefined ? [variable, cache].filter((root) => root !== undefined) : [data];
  for (const root of roots) {
    const found = await findFiles(world.disk, dataset, root);
    if ("files" in found) return { files: found.files, downloaded: false };
    // Any other folder may hold other data sets only.
    const partly = found.lacks.length < 4 && root === variable;
    if (root === data || partly) throw await lacking(world.disk, dataset, root, found);
    if (root === variable && !(await world.disk.status(root))) {
      throw new DataError(`DAWNPOUR_DATA names ${root}, which does not exist: correct or unset it`);
    }
  }
  const absent = `${dataset.title} is not in ${roots.join(", ")}`;
  try {
    const folder = join(cache, dataset.name);
    return { files: await downloadDataset(world, dataset, folder, onProgress), downloaded: true };
  } catch (error) {
    if (!(error instanceof DawnpourError)) {
      throw error;
    }
    return { missing: `${absent}, and downloading failed (${error.message})` };
  }
}

async function lacking(
  disk: Disk,
  { title }: PublishedDataset,
  root: string,
  { folder, lacks }: { readonly folder: string; readonly lacks: readonly string[] },
): Promise<DataError> {
  const status = await explained("read", root, disk.status(root));
  if (!status) return new DataError(`${title} is not in ${root}: there is no such folder; check the path`);
  const missing = lacks.length > 0 ? `, which lacks ${lacks.join(", ")} (plain or .gz)` : "";
  return new DataError(`${title} is not in ${folder}${missing}: put it there, or name the folder that has it`);
}
