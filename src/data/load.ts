/**
 * Loads the data set that the user names: a published one, found on this machine or downloaded; generated digits; or
 * files by path.
 */
import { resolve } from "node:path";
import { DataError, nearest, UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { explained } from "../world/disk-error.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import type { Dataset } from "./dataset.js";
import { DIGITS_TRAIN, digitsDataset } from "./digits/dataset.js";
import { DIGIT_SIZE } from "./digits/digits.js";
import { loadFile, loadFolder } from "./folder.js";
import { PUBLISHED } from "./published/catalog.js";
import { MNIST } from "./published/mnist.js";
import { loadPublished, type PublishedPlace } from "./published/published.js";
import { checkShape, parseShape } from "./shape.js";
import type { RowOptions } from "./sources.js";

/** Where `loadDataset` looks, and how it reads what it finds. */
export interface LoadOptions extends Omit<PublishedPlace, "world">, RowOptions {
  /** Default: the disk and the network of this machine. */
  readonly world?: World;
  /** Seed of generated digits; 0 by default. */
  readonly seed?: number;
  /** Whether generated digits may replace MNIST when it cannot be found or downloaded. Default: false. */
  readonly substitute?: boolean;
}

const KEYS: Keys<LoadOptions> = {
  world: true,
  data: true,
  onProgress: true,
  environment: true,
  limit: true,
  scale: true,
  shape: true,
  seed: true,
  substitute: true,
  label: true,
  columns: true,
};

/** The names that `loadDataset` knows; anything else is a path. */
export const DATASET_NAMES: readonly string[] = [...PUBLISHED.map(({ name }) => name), "digits"];

/**
 * Loads `mnist`, `fashion-mnist`, `digits` (or `digits:N`, N of them to train on), or the file or folder at a path. If
 * MNIST can be neither found nor downloaded and `substitute` is set, generated digits replace it, and `notice` says so.
 * @throws UsageError when `name` is neither known nor there
 * @throws DataError when the data is missing, damaged, empty or contradicts itself
 */
export async function loadDataset(name: string, given: LoadOptions = {}): Promise<Dataset> {
  refuseUnknownKeys(given, KEYS, "options of loadDataset");
  const options = { ...given, world: given.world ?? nodeWorld() };
  const { limit = Number.MAX_SAFE_INTEGER, seed = 0, substitute = false } = options;
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new UsageError(`limit must be a whole number above 0, got ${limit}`);
  }
  const generated = name.match(/^digits(?::([1-9]\d{0,8}))?$/);
  if (name.startsWith("digits:") && !generated) {
    throw new UsageError(`dataset "${name}": how many digits is a whole number from 1 to 999999999, as in digits:5000`);
  }
  if (generated) {
    return digits(Number(generated[1] ?? DIGITS_TRAIN), seed, options);
  }
  const published = PUBLISHED.find((dataset) => dataset.name === name);
  if (!published) {
    return { ...(await loadPath(name, options)), reference: resolve(name) };
  }
  const loaded = await loadPublished(published, options);
  if (!("missing" in loaded)) return loaded;
  const { missing } = loaded;
  if (published !== MNIST || !substitute) {
    const instead = published === MNIST ? ", or give --dataset digits for generated ones" : "";
    throw new DataError(
      `${missing}; put its four files in a folder and name it with --data or DAWNPOUR_DATA${instead}`,
    );
  }
  const notice = `${missing}; using built-in generated digits instead (name a folder with its four files by --data)`;
  return { ...digits(DIGITS_TRAIN, seed, options), notice };
}

function digits(count: number, seed: number, { limit, scale, shape }: RowOptions): Dataset {
  if (shape === undefined) return digitsDataset({ count, seed, limit, scale });
  const picture = parseShape(shape);
  checkShape(picture, DIGIT_SIZE * DIGIT_SIZE, shape);
  return digitsDataset({ count, seed, limit, scale, picture });
}

async function loadPath(path: string, options: RowOptions & { readonly world: World }): Promise<Dataset> {
  const { disk } = options.world;
  const status = await explained("read", path, disk.status(path));
  if (!status) {
    throw unknownDataset(path);
  }
  return status.kind === "folder" ? loadFolder(disk, path, options) : loadFile(disk, path, options);
}

function unknownDataset(name: string): UsageError {
  if (/[\\/.]/.test(name)) {
    return new UsageError(`dataset "${name}": no such file or folder; check the path`);
  }
  const near = nearest(name, DATASET_NAMES);
  const hint = near ? `did you mean "${near}"? ` : "";
  return new UsageError(`unknown dataset "${name}": ${hint}(one of ${DATASET_NAMES.join(", ")}, or a path)`);
}
