/** The key of a private run: 32 bytes in a file beside its record, which the owner alone may read. */
import { join } from "node:path";
import { UsageError } from "../error.js";
import { KEY_BYTES } from "../privacy/key-stream.js";
import type { Plan } from "../training/plan.js";
import { KEY_FILE } from "../training/run-folder/run-folder.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";

/** The key of the run in a folder, if it has one, in hexadecimal. A new run gets a new one. */
export async function runKey(
  world: World,
  out: string,
  { checkpoint }: Pick<Plan, "checkpoint">,
): Promise<string | undefined> {
  if (!checkpoint) return hex(world.secrets.bytes(KEY_BYTES));
  const path = join(out, KEY_FILE);
  if (!(await explained("look for", path, world.disk.status(path)))) return undefined;
  return hex(await explained("read", path, world.disk.read(path)));
}

/** Keeps the key of a new run. @throws UsageError for a resumed run that has lost its key */
export async function keepKey(
  world: World,
  out: string,
  key: string | undefined,
  { checkpoint }: Pick<Plan, "checkpoint">,
): Promise<void> {
  const path = join(out, KEY_FILE);
  if (key === undefined) {
    throw new UsageError(
      `cannot resume: ${path} is missing, and this private run draws its noise from it: put the file back, or start anew in another folder`,
    );
  }
  if (keyOf(key).length !== KEY_BYTES) {
    throw new UsageError(`cannot resume: ${path} must have ${KEY_BYTES} bytes, got ${keyOf(key).length}`);
  }
  if (!checkpoint) await explained("write", path, world.disk.writeSecret(path, keyOf(key)));
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes of a key. */
export const keyOf = (key: string): Uint8Array =>
  Uint8Array.from({ length: key.length / 2 }, (_, i) => Number.parseInt(key.slice(2 * i, 2 * i + 2), 16));
