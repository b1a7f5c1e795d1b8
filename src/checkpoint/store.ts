/**
 * The durable checkpoints of one run, in one folder.
 *
 * A checkpoint is written to a hidden folder; every file is flushed, then the folder; then it is renamed, which is
 * atomic, and the new name is flushed. Older checkpoints are removed when the newer one is safe. So at every moment,
 * whatever fails, the newest complete checkpoint has its name, or the next `open` restores its name.
 *
 * One process at a time writes to a store.
 */
import { join } from "node:path";
import { UsageError } from "../error.js";
import { version } from "../version.js";
import { explainDiskError, explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { type Checkpoint, folderName, MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE } from "./checkpoint.js";
import { Digest } from "./digest.js";
import { encodeManifest, type FileDigest, FORMAT, type Manifest } from "./manifest.js";
import { modelMetadata } from "./model-file.js";
import { type CheckpointFolder, listCheckpoints, readLatest, type StoredCheckpoint } from "./read.js";
import { encodeSafetensors } from "./safetensors.js";

/** How many checkpoints a store keeps. */
export interface StoreOptions {
  /** Number of checkpoints kept, at least 1. */
  readonly keep: number;
}

/** Being written. */
const PARTIAL = ".partial-";
/** Complete, about to be replaced by a new one of the same step. */
const REPLACED = ".replaced-";

/**
 * The folder `checkpoints/` of one run: saves checkpoints, keeps the newest, finds the newest intact one.
 * @example
 * ```ts
 * import { CheckpointStore, train } from "dawnpour";
 * import { nodeWorld } from "dawnpour/actors";
 *
 * const options = { dataset: "digits:60", layers: [784, 4], batch: 20, steps: 2 };
 * (await train(options, { device: "cpu", out: "runs/stored", pca: false })).close();
 * const store = await CheckpointStore.open(nodeWorld(), "runs/stored/checkpoints", { keep: 2 });
 * console.log((await store.loadLatest())?.step); // 2
 * ```
 */
export class CheckpointStore {
  readonly folder: string;
  readonly #world: World;
  readonly #keep: number;
  /** Settles when the last save is over. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(world: World, folder: string, keep: number) {
    this.folder = folder;
    this.#world = world;
    this.#keep = keep;
  }

  /** Creates the folder if it is missing, and removes what an interrupted save left in it. */
  static async open(world: World, folder: string, { keep }: StoreOptions): Promise<CheckpointStore> {
    if (!Number.isSafeInteger(keep) || keep < 1) {
      throw new UsageError(`checkpoints: the number to keep must be a whole number of at least 1, got ${keep}`);
    }
    await explained("make the folder", folder, world.disk.makeFolder(folder));
    const store = new CheckpointStore(world, folder, keep);
    await explained("clean up", folder, store.#recover());
    return store;
  }

  /**
   * Saves a checkpoint and resolves to its folder once it is durable; saves run one after the other. The tensors must
   * not change until then. The `keep - 1` newest checkpoints of earlier steps stay; those of later steps, which a
   * roll-back undid, are removed.
   * @throws DawnpourError when the disk fails; the earlier checkpoints are then unchanged (and the new one is complete
   *   if only the removal of old ones failed)
   */
  save(checkpoint: Checkpoint): Promise<string> {
    const saved = this.#last.then(() => this.#save(checkpoint));
    this.#last = saved.catch(() => undefined);
    return saved;
  }

  /** The checkpoints, newest first, intact or not. */
  list(): Promise<CheckpointFolder[]> {
    return listCheckpoints(this.#world, this.folder);
  }

  /** As `readLatest`. */
  loadLatest(): Promise<StoredCheckpoint | undefined> {
    return readLatest(this.#world, this.folder);
  }

  async #save(checkpoint: Checkpoint): Promise<string> {
    const name = folderName(checkpoint.step);
    const path = join(this.folder, name);
    try {
      await this.#write(checkpoint, join(this.folder, PARTIAL + name));
      await this.#publish(name);
      await this.#prune(checkpoint.step);
    } catch (error) {
      // The first error is the one that counts; if this fails too, the next `open` does it.
      await this.#recover().catch(() => undefined);
      throw explainDiskError(error, path, "write the checkpoint");
    }
    return path;
  }

  async #write(checkpoint: Checkpoint, path: string): Promise<void> {
    const { disk, clock } = this.#world;
    const { step, epoch, seeds, architecture, configuration, data } = checkpoint;
    const [header, ...numbers] = encodeSafetensors(checkpoint.parameters, modelMetadata(checkpoint));
    const parameters = new Digest();
    async function* model() {
      yield header;
      yield* parameters.passing(numbers);
    }
    await disk.makeFolder(path);
    const files = {
      [MODEL_FILE]: await this.#writeFile(join(path, MODEL_FILE), model()),
      [OPTIMIZER_FILE]: await this.#writeFile(join(path, OPTIMIZER_FILE), encodeSafetensors(checkpoint.optimizer)),
    };
    const manifest: Manifest = {
      format: FORMAT,
      dawnpour: version,
      createdAt: clock.date().toISOString(),
      step,
      epoch,
      seeds,
      architecture,
      configuration,
      ...(data && { data }),
      parametersSha256: parameters.hex(),
      files,
    };
    await this.#writeFile(join(path, MANIFEST_FILE), [encodeManifest(manifest)]);
    await disk.syncFolder(path);
  }

  async #writeFile(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<FileDigest> {
    const digest = new Digest();
    await this.#world.disk.write(path, digest.passing(parts));
    return { size: digest.size, sha256: digest.hex() };
  }

  /** Renames a written checkpoint to its name. A folder cannot be renamed over another: an old one is renamed first. */
  async #publish(name: string): Promise<void> {
    const { disk } = this.#world;
    const path = join(this.folder, name);
    const replaced = join(this.folder, REPLACED + name);
    if (await disk.status(path)) {
      await disk.rename(path, replaced);
    }
    await disk.rename(join(this.folder, PARTIAL + name), path);
    await disk.syncFolder(this.folder);
    await disk.remove(replaced);
  }

  async #prune(step: number): Promise<void> {
    const found = await this.list();
    const kept = found.filter((checkpoint) => checkpoint.step <= step).slice(0, this.#keep);
    for (const checkpoint of found) {
      if (!kept.includes(checkpoint)) {
        await this.#world.disk.remove(checkpoint.path);
      }
    }
  }

  /** Restores a checkpoint that was renamed for one that never came, then removes all leftovers. */
  async #recover(): Promise<void> {
    const { disk } = this.#world;
    const names = await disk.list(this.folder);
    for (const name of names.filter((name) => name.startsWith(REPLACED))) {
      const place = name.slice(REPLACED.length);
      if (!names.includes(place)) {
        await disk.rename(join(this.folder, name), join(this.folder, place));
      }
    }
    await disk.syncFolder(this.folder);
    for (const name of names.filter((name) => name.startsWith(REPLACED) || name.startsWith(PARTIAL))) {
      await disk.remove(join(this.folder, name));
    }
  }
}
