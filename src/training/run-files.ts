/** What a run writes to: its folder, and the checkpoints in it. Neither is touched before all that can be refused has been. */
import { CheckpointStore } from "../checkpoint/store.js";
import type { World } from "../world/world.js";
import type { Plan } from "./plan.js";
import { RunFolder } from "./run-folder.js";

export interface RunFiles {
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
}

/** `folder.close()` when all is written. @param disk of the checkpoints; that of the world by default */
export async function openRunFiles(
  world: World,
  out: string,
  { config, model, checkpoint }: Plan,
  disk = world.disk,
): Promise<RunFiles> {
  const folder = checkpoint
    ? await RunFolder.resume(world, out, checkpoint.state.step)
    : await RunFolder.begin(world, out);
  try {
    const store = await CheckpointStore.open({ ...world, disk }, folder.checkpoints, { keep: config.keep });
    await folder.writeConfig({ ...config, layers: model.config.layers });
    return { folder, store };
  } catch (error) {
    await folder.close();
    throw error;
  }
}
