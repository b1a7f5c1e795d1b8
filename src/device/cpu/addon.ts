/**
 * The native core as this folder sees it. Handles are opaque; the classes beside this file keep them and make sure that
 * what goes in is right: the core only guards memory.
 */
import { NativeCoreError, nativeCore } from "../../native-core.js";
import type { TypedArray } from "../../program/buffer.js";
import { NoDeviceError } from "../device.js";
import type { NativeOp } from "./native-op.js";

declare const kind: unique symbol;
/** A queue with its threads. Ends when collected, if it was not closed. */
export type EngineHandle = { readonly [kind]: "engine" };
export type MemoryHandle = { readonly [kind]: "memory" };
/** A compiled program. Keeps the memory it works on. */
export type ExecutableHandle = { readonly [kind]: "executable" };

export interface PairUnit {
  readonly name: string;
  /** Whether it is faster than fused multiply-adds of floats on this chip. */
  readonly fast: boolean;
}

export interface CpuCore {
  /** What this chip runs and this binary holds, best first. */
  instructionSets(): string[];
  /** The units for pairs of bfloat16 that an instruction set can be used with, best first. */
  pairUnits(instructionSet: string): PairUnit[];
  /**
   * @param parts in which f32 operands are split for `unit`; 0 for none
   * @param always whether those of small products are, too
   */
  open(instructionSet: string, threads: number, unit: string | undefined, parts: number, always: boolean): EngineHandle;
  /** Zeroed; undefined when the system has not that much. */
  allocate(bytes: number): MemoryHandle | undefined;
  /**
   * A handle on memory of JavaScript, which it keeps until nothing of the engine uses it any more; undefined when it does
   * not start at a cache line of 64 bytes.
   */
  adopt(engine: EngineHandle, memory: Float32Array): MemoryHandle | undefined;
  /** Lets go of the memory; it is freed once nothing uses it any more. */
  release(memory: MemoryHandle): void;
  /** Bytes allocated and not freed, over all devices of this process. */
  memoryInUse(): number;
  write(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, data: TypedArray): void;
  /** Fills `target`. Resolves with false when the engine was closed before it could. */
  read(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, target: TypedArray): Promise<boolean>;
  compile(engine: EngineHandle, ops: readonly NativeOp[], buffers: Record<string, MemoryHandle>): ExecutableHandle;
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

/** Why there is no CPU device; undefined where there is one. */
export function whyNoCpu(): string | undefined {
  try {
    cpuCore();
    return undefined;
  } catch (error) {
    if (error instanceof NoDeviceError) return error.message;
    throw error;
  }
}
