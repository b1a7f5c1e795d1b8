/**
 * From what a user typed to a data set: a published one by name, looked for on this machine and else downloaded; the
 * generated digits; or files of their own by path.
 */
import { join } from "node:path";
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
  /** Folder to look in for published data sets, before DAWNPOUR_DATA and the user cache. */
  readonly data?: string;
  /** At most so many rows in each split. */
  readonly limit?: number;
  /** Seed of generated digits; 0 by default. */
  readonly seed?: number;
  readonly onProgress?: Progress;
  /** Whether generated digits may stand in for MNIST where there is none. Default: true. */
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
  const { limit = Number.MAX_SAFE_INTEGER, seed = 0, substitute = true, world } = options;
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
    return limitDataset(await loadPath(name, world), limit);
  }
  const located = await locate(published, options);
  if ("files" in located) {
    return limitDataset(await readPublished(world.disk, published, located), limit);
  }
  const { missing } = located;
  if (published !== MNIST || !substitute) {
    throw new DataError(`${missing}; put its four files in a folder and name it with --data or DAWNPOUR_DATA`);
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
    source: `built-in generated digits (seed ${seed})`,
    train: split(0, count),
    test: split(1, Math.ceil(count / 6)),
  };
}

interface Located {
  readonly files: FileSet;
  readonly downloaded: boolean;
}

/** The files of a published data set, fetched if need be; or one clause that says why there are none. */
async function locate(
  dataset: PublishedDataset,
  { world, data, environment = process.env, onProgress }: LoadOptions,
): Promise<Located | { readonly missing: string }> {
  const cache = cacheFolder();
  const roots = [data, environment.DAWNPOUR_DATA || undefined, cache].filter((root) => root !== undefined);
  const files = await findFiles(world.disk, dataset, roots);
  if (files) {
    return { files, downloaded: false };
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
  return { name: dataset.name, source, train, test };
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
