/**
 * The native core as this folder sees it. Handles are opaque. The classes beside this file keep them, and check what they hand
 * to the core: the core itself only makes sure that no access leaves its memory.
 */
import { NativeCoreError, nativeCore } from "../../native-core.js";
import type { TypedArray } from "../../program/buffer.js";
import { NoDeviceError } from "../device.js";
import type { NativeOp } from "./native-op.js";
import type { OwnOp } from "./own-op.js";

declare const kind: unique symbol;
/** A queue with its threads. It ends when it is closed, or when it is collected. */
export type EngineHandle = { readonly [kind]: "engine" };
export type MemoryHandle = { readonly [kind]: "memory" };
/** A function of a shared library. */
export type SymbolHandle = { readonly [kind]: "symbol" };
/** A compiled program. It keeps the memory that it works on. */
export type ExecutableHandle = { readonly [kind]: "executable" };

export interface PairUnit {
  readonly name: string;
  /** Whether it is faster than fused multiply-adds of floats on this chip. */
  readonly fast: boolean;
}

export interface CpuCore {
  /** The instruction sets that this binary was compiled for and this chip has, best first. */
  instructionSets(): string[];
  /** The units for pairs of bfloat16 that an instruction set can be used with, best first. */
  pairUnits(instructionSet: string): PairUnit[];
  /**
   * @param parts the number of parts that `unit` gets of each f32 operand; 0 where f32 products do not use the unit
   * @param always whether the operands of small products are split, too
   */
  open(instructionSet: string, threads: number, unit: string | undefined, parts: number, always: boolean): EngineHandle;
  /** Memory that is zero; undefined when the system has less. */
  allocate(bytes: number): MemoryHandle | undefined;
  /**
   * A handle on memory of JavaScript; undefined when the memory does not start at a cache line of 64 bytes. The handle keeps the
   * memory until nothing of the engine uses it any more.
   */
  adopt(engine: EngineHandle, memory: Float32Array): MemoryHandle | undefined;
  /** Releases the memory. It is freed once nothing uses it any more. */
  release(memory: MemoryHandle): void;
  /** Bytes allocated and not freed, over all devices of this process. */
  memoryInUse(): number;
  write(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, data: TypedArray): void;
  /** Fills `target`. Resolves with false when the engine was closed before it could. */
  read(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, target: TypedArray): Promise<boolean>;
  /** The function of that name in a shared library, which stays loaded. Throws with the words of the system. */
  loadSymbol(library: string, symbol: string): SymbolHandle;
  /** Another handle on the same memory, which `release` of the first one does not release. */
  share(memory: MemoryHandle): MemoryHandle;
  /** The function that ops of kind `host` call with their number. It must not throw. */
  setHost(engine: EngineHandle, host: (number: number) => void): void;
  /** Copies at once, whatever is enqueued. Only in a call of the host, for which the queue waits. */
  peek(memory: MemoryHandle, byteOffset: number, target: TypedArray): void;
  poke(memory: MemoryHandle, byteOffset: number, data: TypedArray): void;
  compile(
    engine: EngineHandle,
    ops: readonly (NativeOp | OwnOp)[],
    buffers: Record<string, MemoryHandle>,
  ): ExecutableHandle;
  discard(executable: ExecutableHandle): void;
  run(engine: EngineHandle, executable: ExecutableHandle, times: number): void;
  /** Resolves as `read` does. */
  idle(engine: EngineHandle): Promise<boolean>;
  /** Cancels what has not begun and ends the threads; does not wait for them. */
  close(engine: EngineHandle): void;
}

interface Addon {
  readonly cpu: CpuCore;
}

/**
 * The core for CPU devices.
 * @throws NoDeviceError when it cannot be loaded
 */
export function cpuCore(): CpuCore {
  try {
    return nativeCore<Addon>().cpu;
  } catch (error) {
    throw error instanceof NativeCoreError ? new NoDeviceError(error.message, { cause: error }) : error;
  }
}

/** The reason why there is no CPU device; undefined where there is one. */
export function whyNoCpu(): string | undefined {
  try {
    cpuCore();
    return undefined;
  } catch (error) {
    if (error instanceof NoDeviceError) return error.message;
    throw error;
  }
}
