/** A file that appears whole or not at all: written under another name, flushed, then renamed. */
import { explainDiskError } from "./disk-error.js";
import type { Disk } from "./world.js";

/** @throws DawnpourError in one line when the disk fails; then no file is left behind */
export async function writeWhole(disk: Disk, path: string, content: Uint8Array | string): Promise<void> {
  const part = `${path}.part`;
  try {
    await disk.write(part, [typeof content === "string" ? new TextEncoder().encode(content) : content]);
    await disk.rename(part, path);
  } catch (error) {
    // The first error is the one that counts.
    await disk.remove(part).catch(() => undefined);
    throw explainDiskError(error, path, "write");
  }
}
