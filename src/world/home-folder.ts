/**
 * The folder of this user. A container may run as a user without one, with HOME unset: then a folder that need not
 * exist.
 */
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return join(tmpdir(), `dawnpour-user-${process.getuid?.() ?? ""}`);
  }
}
