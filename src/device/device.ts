/**
 * What a device can do: hold typed buffers, compile a program, run it in order, be lost. Nothing else: the same program
 * runs on every device, and this page is all that a program needs to drive a device.
 *
 * Everything is ordered: writes, runs and reads of one device take effect in the order of the calls. Only `read`,
 * `compile` and `idle` wait. A buffer may be bound to several programs: that is how training, evaluation and encoding
 * share one set of parameters.
 */
import { DawnpourError } from "../error.js";
import type { ElementType, TypedArrays } from "../program/buffer.js";
import type { Program } from "../program/program.js";

/** Which implementation: `webgpu` is any GPU, or a CPU that poses as one; `reference` the float64 oracle. */
export type DeviceKind = "webgpu" | "cpu" | "reference";

/** What a device says of itself. */
export interface DeviceInfo {
  readonly kind: DeviceKind;
  /** For people: `NVIDIA H200`, `AMD EPYC (AVX-512, 2 threads)`. */
  readonly name: string;
  /** Stable between runs on one machine: what caches are keyed by. */
  readonly id: string;
  /** The same for two devices that compute the same bits: for all models, drivers and threads that make no difference. */
  readonly bits: string;
  /** Driver or instruction set, with its version where there is one. */
  readonly driver: string;
  /** How products are computed, by the type of their operands; a device without choices leaves it out. */
  readonly arithmetic?: Readonly<Record<"f32" | "bf16", string>>;
  /** Whether the CPU does the work: SwiftShader, lavapipe, the CPU device itself. */
  readonly software: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
}

/** How a device came to its end. */
export interface DeviceLoss {
  /** `destroyed` when `destroy()` was called; `lost` otherwise. */
  readonly reason: "destroyed" | "lost";
  readonly message: string;
}

/** The device is gone; every call on it and on what it made fails with this. */
export class DeviceLostError extends DawnpourError {
  override name = "DeviceLostError";
}

/** The program needs more than the device has: says which limit, how much is needed and how much there is. */
export class DeviceLimitError extends DawnpourError {
  override name = "DeviceLimitError";
}

/** No device of the kind asked for; the message lists the likely causes. */
export class NoDeviceError extends DawnpourError {
  override name = "NoDeviceError";
}

/** A run of elements in the device's memory, zero at first. */
export interface DeviceBuffer<T extends ElementType = ElementType> extends Disposable, AsyncDisposable {
  readonly type: T;
  /** Number of elements. */
  readonly length: number;
  readonly label: string;
  /** Copies `data` to `offset` (in elements). Takes effect after what was enqueued before; `data` may be reused at once. */
  write(data: TypedArrays[T], offset?: number): void;
  /**
   * Fills `out` with the elements from `offset` on, after what was enqueued before: as `read`, into memory that is there
   * already. Until it resolves `out` must be left alone.
   */
  readInto(out: TypedArrays[T], offset?: number): Promise<void>;
  /** A fresh copy of `length` elements from `offset` on (all of them by default), after what was enqueued before. */
  read(offset?: number, length?: number): Promise<TypedArrays[T]>;
  /** Frees the memory once what was enqueued has run. Safe to call twice. */
  destroy(): void;
}

/** Device buffers for some or all of a program's buffers, by name. Borrowed: their maker destroys them. */
export type Bindings = Readonly<Record<string, DeviceBuffer>>;

/** A program made ready for one device, with memory behind every buffer. */
export interface Executable extends Disposable, AsyncDisposable {
  readonly program: Program;
  /** The memory behind a buffer of the program: a bound one, or one this executable allocated. */
  buffer(name: string): DeviceBuffer;
  /** The same, of a type that is known. @throws UsageError when it is of another */
  buffer<T extends ElementType>(name: string, type: T): DeviceBuffer<T>;
  /** Enqueues the whole program `times` in a row, as one submission where the device has such a thing. */
  run(times?: number): void;
  /** Frees what this executable allocated; bound buffers stay. */
  destroy(): void;
}

/**
 * An open device. Every call but `destroy` fails with `DeviceLostError` once it is lost or destroyed. `await using` waits for what
 * was enqueued before it destroys; `using` does not.
 */
export interface Device extends Disposable, AsyncDisposable {
  readonly info: DeviceInfo;
  /** Settles once, when the device is lost or destroyed. */
  readonly lost: Promise<DeviceLoss>;
  createBuffer<T extends ElementType>(type: T, length: number, label: string): DeviceBuffer<T>;
  /**
   * Only where the device computes in the memory of this process: a buffer that is `memory` itself, so that results need not
   * be read, nor operands written. It takes part in the order as any buffer does, but reads of
   * `memory` itself are not ordered: after `idle` it has what was enqueued before, and it may be changed while nothing enqueued uses it.
   * The device keeps it until the buffer is destroyed and what was enqueued has run; it is not freed or cleared then.
   * @throws DawnpourError when it is empty, or does not start at a multiple of 64 bytes
   */
  adopt?(memory: Float32Array, label: string): DeviceBuffer<"f32">;
  /**
   * Allocates a zeroed buffer for every buffer of `program` that `bindings` leaves out.
   * @throws DeviceLimitError before anything is allocated, when the program does not fit the device
   */
  compile(program: Program, bindings?: Bindings): Promise<Executable>;
  /** Resolves when everything enqueued so far has run. */
  idle(): Promise<void>;
  /** Frees everything. Later calls fail with `DeviceLostError`; pending reads reject with it. Safe to call twice. */
  destroy(): void;
}

/** The memory behind an f32 buffer of an executable's program. */
export function f32Buffer(executable: Executable, name: string): DeviceBuffer<"f32"> {
  return executable.buffer(name, "f32");
}
