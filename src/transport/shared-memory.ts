/**
 * Memory that processes of this machine share. It has no name: a process has it by its file descriptor, which it makes or
 * inherits, and the system frees it when the last of them ends, however that comes about.
 */
import { closeSync } from "node:fs";
import { DawnpourError, UsageError } from "../error.js";
import { nativeCore } from "../native-core.js";

interface Addon {
  readonly process: {
    createSharedMemory(bytes: number): number;
    mapSharedMemory(fd: number, bytes: number): ArrayBuffer;
  };
}

export class SharedMemory {
  /** By which children inherit it. */
  readonly fd: number;
  readonly bytes: number;
  /** The memory itself. It stays mapped for as long as this, or a view of it, is in use. */
  readonly buffer: ArrayBuffer;
  #closed = false;

  /** @throws DawnpourError when the file descriptor is not of memory of at least that size */
  constructor(fd: number, bytes: number) {
    checkSize(bytes);
    this.fd = fd;
    this.bytes = bytes;
    this.buffer = refusedByName(() => nativeCore<Addon>().process.mapSharedMemory(fd, bytes));
  }

  /** From now on no child can inherit it; who has it mapped keeps it. Safe to call twice. */
  close(): void {
    if (!this.#closed) closeSync(this.fd);
    this.#closed = true;
  }
}

/**
 * New memory, zeroed. It takes up room page by page, when it is first used.
 *
 * @throws DawnpourError when the system refuses it, as Windows does; NativeCoreError without the native core
 */
export function createSharedMemory(bytes: number): SharedMemory {
  checkSize(bytes);
  return new SharedMemory(
    refusedByName(() => nativeCore<Addon>().process.createSharedMemory(bytes)),
    bytes,
  );
}

/** Memory that this process has inherited. @throws DawnpourError as the constructor does */
export function openSharedMemory(fd: number, bytes: number): SharedMemory {
  return new SharedMemory(fd, bytes);
}

function checkSize(bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new UsageError(`shared memory has a whole number of bytes from 1, got ${bytes}`);
  }
}

function refusedByName<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof DawnpourError ? error : new DawnpourError((error as Error).message);
  }
}
