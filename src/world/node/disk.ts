/** The disk of this machine, through `node:fs`. */
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorCode } from "../disk-error.js";
import type { Disk, FileStatus } from "../world.js";
import { lockFile } from "./lock.js";

/** Bytes; the system reads less than 2 GiB in a call. */
const MOST_AT_ONCE = 1 << 30;

export class NodeDisk implements Disk {
  async read(path: string): Promise<Uint8Array> {
    // A copy as Uint8Array: the `slice` of a Buffer is a view, that of a Uint8Array a copy.
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  async readRange(path: string, start: number, end: number): Promise<Uint8Array> {
    const file = await open(path, "r");
    try {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let filled = 0;
      while (filled < bytes.length) {
        const length = Math.min(MOST_AT_ONCE, bytes.length - filled);
        const { bytesRead } = await file.read(bytes, filled, length, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === bytes.length ? bytes : bytes.slice(0, filled);
    } finally {
      await file.close();
    }
  }

  async status(path: string): Promise<FileStatus | undefined> {
    try {
      const found = await stat(path);
      return found.isDirectory() ? { kind: "folder", size: 0 } : { kind: "file", size: found.size };
    } catch (error) {
      const code = errorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") {
        return undefined;
      }
      throw error;
    }
  }

  async list(path: string): Promise<string[]> {
    return (await readdir(path)).sort();
  }

  async makeFolder(path: string): Promise<void> {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) {
      return;
    }
    const above = dirname(resolve(first));
    for (let folder = resolve(path); folder !== above; folder = dirname(folder)) {
      await this.syncFolder(dirname(folder));
    }
  }

  async claimFolder(path: string): Promise<boolean> {
    const above = dirname(resolve(path));
    await this.makeFolder(above);
    try {
      await mkdir(path);
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
    await this.syncFolder(above);
    return true;
  }

  write(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    return writeFile(path, parts, { flush: true });
  }

  writeSecret(path: string, content: Uint8Array): Promise<void> {
    return writeFile(path, content, { flush: true, flag: "wx", mode: 0o600 });
  }

  append(path: string, content: string | Uint8Array): Promise<void> {
    return appendFile(path, content);
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  lock(path: string): Promise<() => Promise<void>> {
    return lockFile(path);
  }

  async syncFolder(path: string): Promise<void> {
    // Windows opens no folder as a file; its file systems write renames through their journal.
    if (process.platform === "win32") {
      return;
    }
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async remove(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
  }
}
