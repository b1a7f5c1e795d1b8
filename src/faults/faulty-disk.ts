/** A disk that forwards to another one, and fails on request: it is full while a checkpoint is written, or cuts a file short. */
import { join } from "node:path";
import { errorCode } from "../world/disk-error.js";
import type { Disk, FileStatus } from "../world/world.js";

type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  /** Ids of the faults for the next writes. */
  readonly #failing: (number | undefined)[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Makes one `write` fail, the next one: with ENOSPC, after half of its first part. */
  failNextWrite(fault?: number): void {
    this.#failing.push(fault);
  }

  /**
   * Cuts the largest file in a folder to half its size, as if its end had never been written. Does nothing if the folder does not
   * exist.
   */
  async tear(folder: string): Promise<void> {
    try {
      const file = await this.#largest(folder);
      if (file === undefined) return;
      const bytes = await this.#disk.read(file);
      await this.#disk.write(file, [bytes.subarray(0, bytes.length >> 1)]);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }

  async write(path: string, parts: Parts): Promise<void> {
    if (this.#failing.length === 0) return this.#disk.write(path, parts);
    const fault = this.#failing.shift();
    await this.#disk.write(path, halfOfFirst(parts));
    const error = new Error(`ENOSPC: no space left on device, write '${path}'`);
    throw Object.assign(error, { code: "ENOSPC", syscall: "write", path, fault });
  }

  writeSecret(path: string, content: Uint8Array): Promise<void> {
    return this.#disk.writeSecret(path, content);
  }

  read(path: string): Promise<Uint8Array> {
    return this.#disk.read(path);
  }

  readRange(path: string, start: number, end: number): Promise<Uint8Array> {
    return this.#disk.readRange(path, start, end);
  }

  status(path: string): Promise<FileStatus | undefined> {
    return this.#disk.status(path);
  }

  list(path: string): Promise<string[]> {
    return this.#disk.list(path);
  }

  makeFolder(path: string): Promise<void> {
    return this.#disk.makeFolder(path);
  }

  claimFolder(path: string): Promise<boolean> {
    return this.#disk.claimFolder(path);
  }

  append(path: string, content: string | Uint8Array): Promise<void> {
    return this.#disk.append(path, content);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to);
  }

  lock(path: string): Promise<() => Promise<void>> {
    return this.#disk.lock(path);
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path);
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path);
  }

  async #largest(folder: string): Promise<string | undefined> {
    let largest: { readonly path: string; readonly size: number } | undefined;
    for (const name of await this.#disk.list(folder)) {
      const path = join(folder, name);
      const status = await this.#disk.status(path);
      if (status?.kind === "file" && status.size > (largest?.size ?? 0)) largest = { path, size: status.size };
    }
    return largest?.path;
  }
}

/** The id of the fault that caused an error, if a fault did. */
export function injectedFault(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  return "fault" in error && typeof error.fault === "number" ? error.fault : injectedFault(error.cause);
}

async function* halfOfFirst(parts: Parts): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield part.subarray(0, part.length >> 1);
    return;
  }
}
