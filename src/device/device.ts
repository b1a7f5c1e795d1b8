/**
 * What a device can do: hold typed buffers, compile a program, run it in order, be lost. Nothing else: the same program runs on
 * every device, and a program uses a device through this interface alone.
 *
 * Writes, runs and reads of one device take effect in the order of the calls. Only reads, `compile` and `idle` wait. A buffer may
 * be bound to several programs: in this way training, evaluation and encoding share one set of parameters.
 */
import { DawnpourError } from "../error.js";
import type { ElementType, TypedArrays } from "../program/buffer.js";
import type { Program } from "../program/program.js";

/** The implementation: `webgpu` is a GPU, or a software adapter on the CPU; `reference` is the float64 oracle of the tests. */
export type DeviceKind = "webgpu" | "cpu" | "reference";

/** What a device says of itself. */
export interface DeviceInfo {
  readonly kind: DeviceKind;
  /** The name that is shown: `NVIDIA H200`, `AMD EPYC (AVX-512, 2 threads)`. */
  readonly name: string;
  /** The same in every run on one machine, so it can be the key of a cache. */
  readonly id: string;
  /** Equal for two devices that compute the same bits. A difference in model, driver or threads that changes no bit is left out. */
  readonly bits: string;
  /** Driver or instruction set, with its version where there is one. */
  readonly driver: string;
  /** How products are computed, by the type of their operands. Absent on a device that has one way only. */
  readonly arithmetic?: Readonly<Record<"f32" | "bf16", string>>;
  /** Whether the CPU does the work: SwiftShader, lavapipe, the CPU device itself. */
  readonly software: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
}

/** How a device ended. */
export interface DeviceLoss {
  /** `destroyed` when `destroy()` was called; `lost` otherwise. */
  readonly reason: "destroyed" | "lost";
  readonly message: string;
}

/** The device is gone. Every call on it, and on its buffers and executables, fails with this error. */
export class DeviceLostError extends DawnpourError {
  override name = "DeviceLostError";
}

/** The program needs more than the device has. The message names the limit, what is needed and what there is. */
export class DeviceLimitError extends DawnpourError {
  override name = "DeviceLimitError";
}

/** There is no device of the kind that was asked for. The message lists the likely causes. */
export class NoDeviceError extends DawnpourError {
  override name = "NoDeviceError";
}

/** A sequence of elements in the device's memory, zero at first. */
export interface DeviceBuffer<T extends ElementType = ElementType> extends Disposable, AsyncDisposable {
  readonly type: T;
  /** Number of elements. */
  readonly length: number;
  readonly label: string;
  /** Copies `data` to `offset` (in elements), after the work that was enqueued before. `data` may be changed once this returns. */
  write(data: TypedArrays[T], offset?: number): void;
  /**
   * Fills `out` with the elements from `offset` on, as they are after the work that was enqueued before. The caller must not use
   * `out` until this resolves.
   */
  readInto(out: TypedArrays[T], offset?: number): Promise<void>;
  /** A new copy of `length` elements from `offset` on (default: all), as they are after the work that was enqueued before. */
  read(offset?: number, length?: number): Promise<TypedArrays[T]>;
  /** Frees the memory once the work that was enqueued has run. Safe to call twice. */
  destroy(): void;
}

/** Device buffers for some or all of a program's buffers, by name. The code that created them destroys them. */
export type Bindings = Readonly<Record<string, DeviceBuffer>>;

/** A program made ready for one device, with memory behind every buffer. */
export interface Executable extends Disposable, AsyncDisposable {
  readonly program: Program;
  /** The memory behind a buffer of the program: a bound one, or one this executable allocated. */
  buffer(name: string): DeviceBuffer;
  /** The same, for a known type. @throws UsageError when the buffer has another type */
  buffer<T extends ElementType>(name: string, type: T): DeviceBuffer<T>;
  /** Enqueues the whole program `times` in a row; on a GPU as one submission. */
  run(times?: number): void;
  /** Frees what this executable allocated. Bound buffers stay. */
  destroy(): void;
}

/**
 * An open device. Once it is lost or destroyed, every call but `destroy` fails with `DeviceLostError`. `await using` waits for the
 * enqueued work and then destroys the device; `using` destroys it without waiting.
 */
export interface Device extends Disposable, AsyncDisposable {
  readonly info: DeviceInfo;
  /** Settles once, when the device is lost or destroyed. */
  readonly lost: Promise<DeviceLoss>;
  /**
   * A zeroed buffer of `length` elements; `label` names it in errors. @throws DeviceLimitError when it is larger than
   * the device allows
   */
  createBuffer<T extends ElementType>(type: T, length: number, label: string): DeviceBuffer<T>;
  /**
   * Only on a device that computes in the memory of this process: returns a buffer that is `memory` itself, so that operands need
   * no write and results no read. The device orders this buffer as any other. It does not order accesses to `memory` by
   * JavaScript: `memory` has the results of enqueued work after `idle`, and may be changed only while no enqueued work uses it.
   * The device keeps `memory` until the buffer is destroyed and the enqueued work has run. It never frees or clears `memory`.
   * @throws DawnpourError when `memory` is empty, or does not start at a multiple of 64 bytes
   */
  adopt?(memory: Float32Array, label: string): DeviceBuffer<"f32">;
  /**
   * Makes `program` ready to run. Allocates a buffer, zero at first, for every buffer of `program` that `bindings` leaves out.
   * @throws DeviceLimitError before anything is allocated, when the program does not fit the device
   */
  compile(program: Program, bindings?: Bindings): Promise<Executable>;
  /** Resolves when everything enqueued so far has run. */
  idle(): Promise<void>;
  /** Frees everything. Later calls fail with `DeviceLostError`, and pending reads reject with it. Safe to call twice. */
  destroy(): void;
}

/** The memory behind an f32 buffer of an executable's program. */
export function f32Buffer(executable: Executable, name: string): DeviceBuffer<"f32"> {
  return executable.buffer(name, "f32");
}
