import { describe, expect, it } from "vitest";
import { DawnpourError } from "../../src/error.js";
import { explainDiskError, explained } from "../../src/world/disk-error.js";

const systemError = (code: string, message = `${code}: something`) => Object.assign(new Error(message), { code });

describe("explained disk errors", () => {
  it("say what could not be done, where, why and what to do, in one line", () => {
    for (const code of ["ENOSPC", "EACCES", "EROFS", "ENOENT", "ENOTDIR", "EISDIR", "EIO"]) {
      const error = explainDiskError(systemError(code), "runs/a/config.json", "write") as Error;
      expect(error).toBeInstanceOf(DawnpourError);
      expect(error.message).toMatch(/^cannot write "runs\/a\/config.json": [^\n]+; [^\n]+$/);
      expect(error.message).not.toContain("something");
    }
  });

  it("fall back on the system's own first line", () => {
    const error = explainDiskError(systemError("ESTALE", "stale handle\nat x"), "a", "read") as Error;
    expect(error.message).toBe('cannot read "a": stale handle (ESTALE)');
  });

  it("leave every other error alone", async () => {
    const bug = new TypeError("x is undefined");
    expect(explainDiskError(bug, "a", "read")).toBe(bug);
    const known = new DawnpourError("already explained");
    await expect(explained("read", "a", Promise.reject(known))).rejects.toBe(known);
    await expect(explained("read", "a", Promise.resolve(3))).resolves.toBe(3);
  });
});
