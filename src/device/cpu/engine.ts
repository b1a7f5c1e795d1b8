/**
 * The native engine, with the life of its device. Buffers and executables call the engine through this class. So all their calls
 * fail in the same way once the device is gone, and one limit holds for all allocations.
 */
import { DawnpourError } from "../../error.js";
import { errorCode } from "../../world/disk-error.js";
import { Life } from "../common/life.js";
import { type DeviceInfo, DeviceLimitError } from "../device.js";
import { type CpuCore, cpuCore, type EngineHandle, type MemoryHandle } from "./addon.js";
import { PARTS } from "./arithmetic.js";
import type { CpuSetup } from "./cpu-options.js";
import { HostCalls } from "./host-calls.js";

/** Length of a cache line. The native core works only on memory that starts at one. */
const LINE_BYTES = 64;

export class Engine {
  readonly core: CpuCore;
  readonly life: Life;
  readonly #info: DeviceInfo;
  #handle: EngineHandle | undefined;
  #host: HostCalls | undefined;

  constructor({ isa, threads, unit, arithmetic }: CpuSetup, info: DeviceInfo) {
    this.core = cpuCore();
    this.#info = info;
    const always = arithmetic !== "fma/bf16x3";
    this.#handle = this.within(() => this.core.open(isa, threads, unit, PARTS[arithmetic], always));
    this.life = new Life(info.name);
  }

  /** @throws DeviceLostError once the engine was closed */
  get handle(): EngineHandle {
    this.life.check();
    if (this.#handle === undefined) throw new Error("Invariant violation: a CPU device without an engine");
    return this.#handle;
  }

  /** The functions that ops of this engine call. */
  get host(): HostCalls {
    if (!this.#host) {
      this.#host = new HostCalls();
      // The native engine keeps the function, which must not keep this object: it could never be collected.
      const weak = new WeakRef(this.#host);
      this.core.setHost(this.handle, (number) => weak.deref()?.run(number));
    }
    return this.#host;
  }

  /** Calls `action` when all that is enqueued is done, or will never be. */
  afterwards(action: () => void): void {
    if (this.#handle === undefined) action();
    else this.core.idle(this.#handle).then(action, action);
  }

  /**
   * Makes a native call.
   * @throws DeviceLimitError where the system refuses the memory or the threads for it
   */
  within<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw asLimit(error);
    }
  }

  /**
   * Waits for a native command; rejects with DeviceLostError when the engine was closed meanwhile, and with DeviceLimitError when
   * the system refused memory for the command, or for one before it.
   */
  async finish(command: Promise<boolean>): Promise<void> {
    await command.catch((error) => {
      throw asLimit(error);
    });
    // A command fails even where it was done just before the engine was closed, so the outcome does not depend on timing.
    this.life.check();
    this.#host?.check();
  }

  /** @throws DeviceLimitError, which names `what` needs the memory, unless `bytes` bytes are left */
  checkMemory(what: string, bytes: number): void {
    const limit = this.#info.limits.memoryBytes;
    const available = Math.max(0, limit - this.core.memoryInUse());
    if (bytes > available) throw limitError(what, bytes, available);
  }

  /** @throws DeviceLimitError when less memory is left */
  allocate(what: string, bytes: number): MemoryHandle {
    this.checkMemory(what, bytes);
    const memory = this.within(() => this.core.allocate(bytes));
    if (memory === undefined) throw limitError(what, bytes, undefined);
    return memory;
  }

  /** @throws DawnpourError when `memory` does not start at a cache line */
  adopt(what: string, memory: Float32Array): MemoryHandle {
    const handle = this.within(() => this.core.adopt(this.handle, memory));
    if (handle === undefined) {
      throw new DawnpourError(
        `cpu device: ${what} must start at a multiple of ${LINE_BYTES} bytes in memory, as shared memory does; got one that does not`,
      );
    }
    return handle;
  }

  close(): void {
    if (this.#handle === undefined) return;
    this.core.close(this.#handle);
    this.#handle = undefined;
    this.life.end({ reason: "destroyed", message: "destroy() was called" });
  }
}

/** Makes a DeviceLimitError of what the system refuses; the native core reports it by the code that Node's own errors have. */
function asLimit(error: unknown): unknown {
  if (!(error instanceof Error) || !["ENOMEM", "EAGAIN", "EPERM"].includes(errorCode(error) ?? "")) return error;
  return new DeviceLimitError(`cpu device: ${error.message}`, { cause: error });
}

function limitError(what: string, bytes: number, available: number | undefined): DeviceLimitError {
  const megabytes = (value: number): string => `${Math.ceil(value / 2 ** 20)} MiB`;
  const have = available === undefined ? "the system refuses it" : `${megabytes(available)} available`;
  return new DeviceLimitError(
    `cpu device: limit memoryBytes: ${what} needs ${megabytes(bytes)}, ${have}; use a smaller model, batch or data set`,
  );
}
