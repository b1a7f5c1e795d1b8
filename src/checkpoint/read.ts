/**
 * Reads checkpoints. Every byte must be what was written. A damaged checkpoint is an error when it was asked for by
 * name; when the newest was asked for, it is skipped in favour of the one before.
 */
import { basename, join } from "node:path";
import { DataError, DawnpourError } from "../error.js";
import { errorCode, explainDiskError, explained } from "../world/disk-error.js";
import type { Disk, World } from "../world/world.js";
import { type Checkpoint, MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE, stepOf } from "./checkpoint.js";
import { sha256, tensorsSha256 } from "./digest.js";
import { decodeManifest, type FileDigest, type Manifest } from "./manifest.js";
import { decodeSafetensors, type NamedTensor } from "./safetensors.js";

/** A checkpoint that was read, and its path. */
export interface StoredCheckpoint extends Checkpoint {
  /** Its folder; for a model on its own, its file. */
  readonly path: string;
  /** Absent for a model on its own. */
  readonly manifest?: Manifest;
  /** Newer checkpoints that were skipped: a line for each with its damage. */
  readonly skipped: readonly string[];
}

/** A folder that has the name of a checkpoint. */
export interface CheckpointFolder {
  readonly step: number;
  readonly path: string;
}

/** Which files of a checkpoint are read. */
export interface ReadOptions {
  /**
   * Whether to read the optimizer's state: a resumed training needs it, the use of the model does not. Default: true.
   */
  readonly optimizer?: boolean;
}

/**
 * The checkpoint in the folder `path`.
 * @throws DataError when a file is missing or is not what was written
 */
export async function readCheckpoint(
  { disk }: World,
  path: string,
  { optimizer = true }: ReadOptions = {},
): Promise<StoredCheckpoint> {
  const source = join(path, MANIFEST_FILE);
  const manifest = decodeManifest(await readPart(disk, source), source);
  const { step, epoch, seeds, architecture, configuration, data, files } = manifest;
  const parameters = await readTensors(disk, join(path, MODEL_FILE), files[MODEL_FILE]);
  checkParameters(parameters, manifest, path);
  return {
    step,
    epoch,
    seeds,
    architecture,
    configuration,
    ...(data && { data }),
    parameters,
    optimizer: optimizer ? await readTensors(disk, join(path, OPTIMIZER_FILE), files[OPTIMIZER_FILE]) : [],
    path,
    manifest,
    skipped: [],
  };
}

/** The checkpoints in the folder `path`, newest first, intact or not. */
export async function listCheckpoints({ disk }: World, path: string): Promise<CheckpointFolder[]> {
  const names = await explained("list", path, disk.list(path));
  return names
    .map((name) => ({ step: stepOf(name), path: join(path, name) }))
    .filter((found): found is CheckpointFolder => found.step !== undefined)
    .sort((a, b) => b.step - a.step);
}

/**
 * The newest intact checkpoint in the folder `path`; undefined when there is none.
 * @throws DataError when there are some, but each is damaged
 */
export async function readLatest(
  world: World,
  path: string,
  options: ReadOptions = {},
): Promise<StoredCheckpoint | undefined> {
  const skipped: string[] = [];
  let newest: unknown;
  for (const found of await listCheckpoints(world, path)) {
    try {
      return { ...(await readCheckpoint(world, found.path, options)), skipped };
    } catch (error) {
      if (!(error instanceof DawnpourError)) {
        throw error;
      }
      skipped.push(error.message);
      newest ??= error;
    }
  }
  if (skipped.length > 0) {
    throw new DataError(
      `no checkpoint in "${path}" can be read, ${skipped.length} tried: start anew in another folder (the newest: ${skipped[0]})`,
      { cause: newest },
    );
  }
  return undefined;
}

/** Runs are compared by this digest, so it must match the numbers that are returned. */
function checkParameters(parameters: readonly NamedTensor[], { parametersSha256 }: Manifest, path: string): void {
  const found = tensorsSha256(parameters);
  if (found !== parametersSha256) {
    throw new DataError(
      `"${path}" contradicts itself: the SHA-256 of its parameters should be ${parametersSha256}, found ${found}; ${REMEDY}`,
    );
  }
}

async function readTensors(disk: Disk, path: string, expected: FileDigest): Promise<NamedTensor[]> {
  const bytes = await readPart(disk, path);
  if (bytes.length !== expected.size) {
    throw new DataError(
      `"${path}" is damaged: it should have ${expected.size} bytes, found ${bytes.length}; ${REMEDY}`,
    );
  }
  const found = sha256(bytes);
  if (found !== expected.sha256) {
    throw new DataError(`"${path}" is damaged: its SHA-256 should be ${expected.sha256}, found ${found}; ${REMEDY}`);
  }
  return [...decodeSafetensors(bytes, path).tensors].map(([name, tensor]) => ({ name, ...tensor }));
}

const REMEDY = "give another checkpoint";

async function readPart(disk: Disk, path: string): Promise<Uint8Array> {
  try {
    return await disk.read(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      throw new DataError(`"${path}" is missing: the checkpoint lacks its ${basename(path)}; ${REMEDY}`, {
        cause: error,
      });
    }
    throw explainDiskError(error, path, "read");
  }
}
