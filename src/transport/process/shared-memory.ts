/**
 * Memory that processes of this machine share. It has no name: a process creates or inherits its file descriptor, and the system
 * frees the memory when the last of these processes ends, for whatever reason.
 */
import { constants } from "node:buffer";
import { closeSync } from "node:fs";
import { DawnpourError, UsageError } from "../../error.js";
import { nativeCore } from "../../native-core.js";

interface Addon {
  readonly process: {
    createSharedMemory(bytes: number): number;
    mapSharedMemory(fd: number, offset: number, bytes: number): ArrayBuffer;
  };
}

/** The most bytes of an ArrayBuffer: 4 GiB with Node 20. */
const { MAX_LENGTH } = constants;

/** Memory that this process and its children see. */
export class SharedMemory {
  /** The file descriptor that children inherit. */
  readonly fd: number;
  readonly bytes: number;
  #buffer: ArrayBuffer | undefined;
  #closed = false;

  /**
   * Opens memory by its file descriptor.
   * @throws DawnpourError when the file descriptor does not belong to memory of at least that size
   */
  constructor(fd: number, bytes: number) {
    checkSize(bytes);
    this.fd = fd;
    this.bytes = bytes;
    // Maps it once, so that an unusable file descriptor is refused here rather than at the first use.
    refusedByName(() => nativeCore<Addon>().process.mapSharedMemory(fd, 0, Math.min(bytes, MAX_LENGTH)));
  }

  /**
   * The memory itself. It stays mapped while this object, or a view of it, is in use.
   *
   * @throws DawnpourError when it is larger than an ArrayBuffer can be; use `map` for ranges of it
   */
  get buffer(): ArrayBuffer {
    this.#buffer ??= this.map(0, this.bytes);
    return this.#buffer;
  }

  /**
   * A range of the memory.
   *
   * @param offset bytes, a multiple of a page (`PAGE` is one on every system)
   * @throws DawnpourError after `close`
   */
  map(offset: number, bytes: number): ArrayBuffer {
    // The file descriptor may belong to another file by now.
    if (this.#closed) throw new DawnpourError("shared memory is mapped after it was closed: map it before");
    if (bytes > MAX_LENGTH) {
      throw new DawnpourError(
        `shared memory of ${bytes} bytes cannot be one ArrayBuffer, which has at most ${MAX_LENGTH}`,
      );
    }
    return refusedByName(() => nativeCore<Addon>().process.mapSharedMemory(this.fd, offset, bytes));
  }

  /**
   * Closes the file descriptor: no child can inherit the memory, and no range can be mapped any more. Ranges that are mapped
   * stay. A second call does nothing.
   */
  close(): void {
    if (!this.#closed) closeSync(this.fd);
    this.#closed = true;
  }
}

/**
 * New memory, zeroed. The system provides each page when it is first used.
 *
 * @throws DawnpourError when the system refuses it, as Windows does; NativeCoreError without the native core
 * @example
 * ```ts
 * import { createSharedMemory } from "dawnpour/actors";
 *
 * const memory = createSharedMemory(4096);
 * new Uint8Array(memory.buffer)[0] = 7;
 * console.log(memory.bytes); // 4096
 * memory.close();
 * ```
 */
export function createSharedMemory(bytes: number): SharedMemory {
  checkSize(bytes);
  const fd = refusedByName(() => nativeCore<Addon>().process.createSharedMemory(bytes));
  try {
    return new SharedMemory(fd, bytes);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Opens memory that this process inherited. @throws DawnpourError as the constructor of `SharedMemory` does */
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
    throw error instanceof DawnpourError ? error : new DawnpourError((error as Error).message, { cause: error });
  }
}
