/**
 * The native core as this folder sees it. Handles are opaque; the classes beside this file keep them and make sure that
 * what goes in is right: the core only guards memory.
 */
import type { TypedArray } from "../../program/buffer.js";
import type { Op } from "../../program/op.js";
import { loadAddon } from "../addon.js";

declare const kind: unique symbol;
/** A queue with its threads. Ends when collected, if it was not closed. */
export type EngineHandle = { readonly [kind]: "engine" };
export type MemoryHandle = { readonly [kind]: "memory" };
/** A compiled program. Keeps the memory it works on. */
export type ExecutableHandle = { readonly [kind]: "executable" };

export interface CpuCore {
  /** What this chip runs and this binary holds, best first. */
  instructionSets(): string[];
  open(instructionSet: string, threads: number): EngineHandle;
  /** Zeroed; undefined when the system has not that much. */
  allocate(bytes: number): MemoryHandle | undefined;
  /** Lets go of the memory; it is freed once nothing uses it any more. */
  release(memory: MemoryHandle): void;
  /** Bytes allocated and not freed, over all devices of this process. */
  memoryInUse(): number;
  write(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, data: TypedArray): void;
  /** Fills `target`. Resolves with false when the engine was closed before it could. */
  read(engine: EngineHandle, memory: MemoryHandle, byteOffset: number, target: TypedArray): Promise<boolean>;
  compile(engine: EngineHandle, ops: readonly Op[], buffers: Record<string, MemoryHandle>): ExecutableHandle;
  discard(executable: ExecutableHandle): void;
  run(engine: EngineHandle, executable: ExecutableHandle, times: number): void;
  /** Resolves as `read` does. */
  idle(engine: EngineHandle): Promise<boolean>;
  /** Cancels what has not begun and ends the threads; does not wait for them. */
  close(engine: EngineHandle): void;
}

let loaded: CpuCore | undefined;

/**
 * The core's CPU device.
 * @throws NoDeviceError when the core cannot be loaded
 */
export function cpuCore(): CpuCore {
  loaded ??= (loadAddon() as { readonly cpu: CpuCore }).cpu;
  return loaded;
}
