/**
 * From what a user typed to a data set: a published one by name, looked for on this machine and else downloaded; the
 * generated digits; or files of their own by path.
 */
import { join, resolve } from "node:path";
import { DataError, DawnpourError, nearest, UsageError } from "../error.js";
import { cacheFolder } from "../world/cache-folder.js";
import { explained } from "../world/disk-error.js";
import { nodeWorld } from "../world/node-world.js";
import type { Disk, World } from "../world/world.js";
import { MNIST, PUBLISHED, type PublishedDataset } from "./catalog.js";
import { type Dataset, limitDataset, type Split } from "./dataset.js";
import { DIGIT_SIZE, generateDigits } from "./digits.js";
import { downloadDataset, type Progress } from "./download.js";
import { readArray } from "./file.js";
import { loadFile, loadFolder } from "./folder.js";
import { type FileSet, findFiles } from "./resolve.js";
import { checkAgreement, makeSplit } from "./split.js";

/** Where `loadDataset` looks, and how much of what it finds it takes. */
export interface LoadOptions {
  readonly world: World;
  /** Folder that holds the published data set. Default: looked for in DAWNPOUR_DATA and the user cache, then downloaded. */
  readonly data?: string;
  /** At most so many rows in each split. */
  readonly limit?: number;
  /** Seed of generated digits; 0 by default. */
  readonly seed?: number;
  readonly onProgress?: Progress;
  /** Whether generated digits may stand in for MNIST where it cannot be had. Default: false. */
  readonly substitute?: boolean;
  /** Environment variables; those of the process by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What `loadDataset` knows by name; anything else is a path. */
export const DATASET_NAMES: readonly string[] = [...PUBLISHED.map(({ name }) => name), "digits"];

const DIGITS_TRAIN = 60000;

/**
 * Loads `mnist`, `fashion-mnist`, `digits` (or `digits:N`, N of them to train on), or the file or folder at a path.
 * MNIST that can be neither found nor downloaded is replaced by generated digits, if they may `substitute`, which `notice` then says.
 * @throws UsageError when `name` is neither known nor there
 * @throws DataError when the data is missing, damaged, empty or contradicts itself
 */
export async function loadDataset(name: string, options: LoadOptions = { world: nodeWorld() }): Promise<Dataset> {
  const { limit = Number.MAX_SAFE_INTEGER, seed = 0, substitute = false, world } = options;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new UsageError(`limit must be a whole number above 0, got ${limit}`);
  }
  const generated = name.match(/^digits(?::([1-9]\d{0,8}))?$/);
  if (name.startsWith("digits:") && !generated) {
    throw new UsageError(`dataset "${name}": how many digits is a whole number from 1 to 999999999, as in digits:5000`);
  }
  if (generated) {
    return digits(seed, limit, Number(generated[1] ?? DIGITS_TRAIN));
  }
  const published = PUBLISHED.find((dataset) => dataset.name === name);
  if (!published) {
    return { ...limitDataset(await loadPath(name, world), limit), reference: resolve(name) };
  }
  const located = await locate(published, options);
  if ("files" in located) {
    return limitDataset(await readPublished(world.disk, published, located), limit);
  }
  const { missing } = located;
  if (published !== MNIST || !substitute) {
    const instead = published === MNIST ? ", or give --dataset digits for generated ones" : "";
    throw new DataError(
      `${missing}; put its four files in a folder and name it with --data or DAWNPOUR_DATA${instead}`,
    );
  }
  const notice = `${missing}; using built-in generated digits instead (name a folder with its four files by --data)`;
  return { ...digits(seed, limit, DIGITS_TRAIN), notice };
}

/** `count` digits to train on and a sixth as many to test on, as in MNIST. */
function digits(seed: number, limit: number, count: number): Dataset {
  const split = (stream: number, most: number): Split => {
    const rows = Math.min(limit, most);
    return {
      ...generateDigits(seed, stream, 0, rows),
      count: rows,
      features: DIGIT_SIZE * DIGIT_SIZE,
      scale: 1 / 255,
      shape: [DIGIT_SIZE, DIGIT_SIZE],
    };
  };
  return {
    name: "digits",
    reference: count === DIGITS_TRAIN ? "digits" : `digits:${count}`,
    source: `built-in generated digits (seed ${seed})`,
    train: split(0, count),
    test: split(1, Math.ceil(count / 6)),
  };
}

interface Located {
  readonly files: FileSet;
  readonly downloaded: boolean;
}

/**
 * The files of a published data set, fetched if need be; or one clause that says why there are none.
 * @throws DataError when a folder that the user named is not there or lacks files
 */
async function locate(
  dataset: PublishedDataset,
  { world, data, environment = process.env, onProgress }: LoadOptions,
): Promise<Located | { readonly missing: string }> {
  const cache = cacheFolder();
  const variable = environment.DAWNPOUR_DATA || undefined;
  const roots = data === undefined ? [variable, cache].filter((root) => root !== undefined) : [data];
  for (const root of roots) {
    const found = await findFiles(world.disk, dataset, root);
    if ("files" in found) return { files: found.files, downloaded: false };
    // Any other folder may well hold other data sets only.
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

async function readPublished(disk: Disk, dataset: PublishedDataset, { files, downloaded }: Located): Promise<Dataset> {
  const read = async (images: string, labels: string): Promise<Split> =>
    makeSplit(
      { file: images, array: await readArray(disk, images) },
      { file: labels, array: await readArray(disk, labels) },
    );
  const train = await read(files.trainImages, files.trainLabels);
  const test = await read(files.testImages, files.testLabels);
  checkAgreement(train, test, files.folder);
  const source = `${dataset.title}, ${downloaded ? "downloaded into" : "from"} ${files.folder}`;
  const named = { name: dataset.name, reference: dataset.name, source, train, test };
  return files.genuine ? named : { ...named, notice: `${files.folder} does not hold ${dataset.title} as published` };
}

async function loadPath(path: string, { disk }: World): Promise<Dataset> {
  const status = await explained("read", path, disk.status(path));
  if (!status) {
    throw unknownDataset(path);
  }
  return status.kind === "folder" ? loadFolder(disk, path) : loadFile(disk, path);
}

function unknownDataset(name: string): UsageError {
  if (/[\\/.]/.test(name)) {
    return new UsageError(`dataset "${name}": no such file or folder; check the path`);
  }
  const near = nearest(name, DATASET_NAMES);
  const hint = near ? `did you mean "${near}"? ` : "";
  return new UsageError(`unknown dataset "${name}": ${hint}(one of ${DATASET_NAMES.join(", ")}, or a path)`);
}
