/** The folder of a run whose user named none. */
import { join } from "node:path";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";

/** Of a data set in the name of a folder: paths may be longer than names can be. */
const LONGEST_NAME = 60;

/** `runs/mnist-20260131-235959`, made here, so that two runs that begin in one second have one each. */
export async function newFolder(world: World, dataset: string): Promise<string> {
  const [date, time] = world.clock.date().toISOString().replace(/[-:]/g, "").split(/[T.]/);
  const first = join("runs", `${dataset.replace(/[^\w-]+/g, "-").slice(0, LONGEST_NAME)}-${date}-${time}`);
  for (let path = first, more = 2; ; path = `${first}-${more++}`) {
    if (await explained("make the folder", path, world.disk.claimFolder(path))) return path;
  }
}

/** Removes a folder that was made for a run which has written nothing. What went wrong before is what counts. */
export async function removeEmpty({ disk }: World, folder: string): Promise<void> {
  const names = await disk.list(folder).catch(() => undefined);
  if (names?.length === 0) await disk.remove(folder).catch(() => undefined);
}
