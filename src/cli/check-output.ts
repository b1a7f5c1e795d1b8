import { dirname } from "node:path";
import { brief, UsageError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";

/** A file that a command is to write: what is in its way is said before the work, not after. @throws UsageError */
export async function checkOutput({ disk }: World, path: string): Promise<void> {
  const folder = dirname(path);
  const status = await explained("look for", folder, disk.status(folder));
  if (status?.kind !== "folder")
    throw new UsageError(`cannot write ${brief(path)}: ${brief(folder)} is no folder; make it first`);
  if ((await disk.status(path))?.kind === "folder") {
    throw new UsageError(`cannot write ${brief(path)}: it is a folder; give the name of a file`);
  }
}
