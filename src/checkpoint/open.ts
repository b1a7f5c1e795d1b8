/**
 * Finds the checkpoint at a path: the folder of a run, its folder of checkpoints, a checkpoint's folder, or a file in
 * that. Errors say what is there instead, and what to give.
 */
import { basename, dirname, join } from "node:path";
import { DataError, nearest } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE } from "./checkpoint.js";
import { readModel } from "./model-file.js";
import { type ReadOptions, readCheckpoint, readLatest, type StoredCheckpoint } from "./read.js";

/** Folder of the checkpoints in a run's folder. */
export const CHECKPOINTS_FOLDER = "checkpoints";

const WANTED = "give a run's folder, a checkpoint's folder, or the model.safetensors in one";

/**
 * Reads a checkpoint, or, without the optimizer's state, a model file on its own.
 * @param path a checkpoint, or a folder of checkpoints or of a run, whose newest intact checkpoint is read
 * @throws DataError when there is no checkpoint, or it is damaged
 */
export async function openCheckpoint(world: World, path: string, options: ReadOptions = {}): Promise<StoredCheckpoint> {
  const status = await explained("open", path, world.disk.status(path));
  if (!status) {
    throw new DataError(`checkpoint "${path}" does not exist: ${await suggestion(world, path)}${WANTED}`);
  }
  if (status.kind === "file") {
    if (path.endsWith(".safetensors") && !(await world.disk.status(join(dirname(path), MANIFEST_FILE)))) {
      return openModel(world, path, options);
    }
    if (![MODEL_FILE, OPTIMIZER_FILE, MANIFEST_FILE].includes(basename(path))) {
      throw new DataError(`"${path}" is a file that belongs to no checkpoint: ${WANTED}`);
    }
    return readCheckpoint(world, dirname(path), options);
  }
  const names = await explained("list", path, world.disk.list(path));
  if ([MODEL_FILE, MANIFEST_FILE].some((name) => names.includes(name))) {
    return readCheckpoint(world, path, options);
  }
  if (names.includes(CHECKPOINTS_FOLDER)) {
    return openCheckpoint(world, join(path, CHECKPOINTS_FOLDER), options);
  }
  const latest = await readLatest(world, path, options);
  if (!latest) {
    throw new DataError(`"${path}" holds no checkpoint (${contents(names)}): ${WANTED}`);
  }
  return latest;
}

/** A model file outside of its checkpoint. */
async function openModel(world: World, path: string, { optimizer = true }: ReadOptions): Promise<StoredCheckpoint> {
  if (optimizer) {
    throw new DataError(`"${path}" is a model on its own: it can be used, but not resumed without its checkpoint`);
  }
  return readModel(world, path);
}

async function suggestion(world: World, path: string): Promise<string> {
  const folder = dirname(path);
  const status = await world.disk.status(folder);
  const near = status?.kind === "folder" ? nearest(basename(path), await world.disk.list(folder)) : undefined;
  return near ? `did you mean "${join(folder, near)}"? ` : "";
}

function contents(names: readonly string[]): string {
  const more = names.length > 4 ? `, and ${names.length - 4} more` : "";
  return names.length === 0 ? "it is empty" : `it has ${names.slice(0, 4).join(", ")}${more}`;
}
