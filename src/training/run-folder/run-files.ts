/**
 * The files that a run writes: its folder, and the checkpoints in it. Neither is touched before every check has passed.
 */
import { CheckpointStore } from "../../checkpoint/store.js";
import type { Disk, World } from "../../world/world.js";
import type { Plan } from "../plan.js";
import { RunFolder } from "./run-folder.js";

export class RunFiles {
  readonly folder: RunFolder;
  readonly #open: (folder: RunFolder) => Promise<CheckpointStore>;
  #store: CheckpointStore;

  private constructor(
    folder: RunFolder,
    store: CheckpointStore,
    open: (folder: RunFolder) => Promise<CheckpointStore>,
  ) {
    this.folder = folder;
    this.#store = store;
    this.#open = open;
  }

  /** Call `folder.close()` when all is written. @param disk the disk for checkpoints; default: that of the world */
  static async open(world: World, out: string, plan: Plan, disk: Disk = world.disk): Promise<RunFiles> {
    const { config, model, checkpoint } = plan;
    const folder = checkpoint
      ? await RunFolder.resume(world, out, checkpoint.state.step)
      : await RunFolder.begin(world, out);
    const open = (of: RunFolder) => CheckpointStore.open({ ...world, disk }, of.checkpoints, { keep: config.keep });
    try {
      const files = new RunFiles(folder, await open(folder), open);
      await folder.writeConfig({ ...config, layers: model.config.layers });
      return files;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  get store(): CheckpointStore {
    return this.#store;
  }

  /** Ends a run that failed. If it is a new run without a checkpoint, its files are removed: nothing could be resumed. */
  async abandon(): Promise<void> {
    await this.folder.flush().catch(() => undefined);
    if ((await this.#store.list()).length === 0) await this.folder.discard();
  }

  /** Goes on in another folder, with all records so far. Checkpoints stay where they are. */
  async moveTo(path: string): Promise<void> {
    await this.folder.moveTo(path);
    this.#store = await this.#open(this.folder);
  }
}
