/**
 * The functions of the native core that the collectives call. The caller checks the arguments. The core checks only that it stays
 * within the memory of the vectors.
 */
import type { EngineHandle, MemoryHandle } from "../device/cpu/addon.js";
import { nativeCore } from "../native-core.js";
import { checkParts } from "./check-parts.js";
import type { Collective, Inspection } from "./collective.js";

/**
 * A worker's arrival at a barrier: the shared memory, the worker's checksum and loss in it, the barrier's number and round, the
 * number of workers, and the longest time to wait.
 */
export type Arrival = readonly [
  memory: ArrayBuffer,
  checksum: BigUint64Array,
  loss: Float64Array,
  number: number,
  round: number,
  parties: number,
  milliseconds: number,
];

/**
 * A function with an engine works on the engine's stream, by its threads, and resolves with false if the engine was closed before.
 * A function without one works on libuv's threads.
 */
export interface CollectiveCore {
  sum(
    instructionSet: string,
    parts: readonly Float32Array[],
    out: Float32Array | undefined,
    found: BigUint64Array,
    threads: number | undefined,
  ): Promise<true>;
  sumInOrder(
    engine: EngineHandle,
    parts: readonly Float32Array[],
    out: Float32Array | undefined,
    found: BigUint64Array,
  ): Promise<boolean>;
  openBarrier(memory: ArrayBuffer, round: number): number;
  closeBarrier(memory: ArrayBuffer, number: number): void;
  /** Resolves with whether all holders arrived. */
  meet(instructionSet: string, own: readonly [Float32Array], loss: number, ...arrival: Arrival): Promise<boolean>;
  /** `passed` becomes 1 if all holders arrived. The promise settles with the next command, or when the stream is empty. */
  meetInOrder(
    engine: EngineHandle,
    own: readonly [Float32Array],
    loss: MemoryHandle,
    ...rest: readonly [...Arrival, passed: Uint8Array]
  ): Promise<boolean>;
}

interface Addon {
  readonly cpu: { instructionSets(): string[] };
  readonly collective: CollectiveCore;
}

/** @throws NativeCoreError where the native core cannot be loaded */
export function collectiveCore(): CollectiveCore {
  return nativeCore<Addon>().collective;
}

export function bestInstructionSet(): string {
  return nativeCore<Addon>().cpu.instructionSets()[0];
}

/** A tree sum by the core, on the engine's threads or on libuv's. */
export abstract class CoreCollective implements Collective {
  async sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    checkParts(parts, out);
    return this.#add(parts, out);
  }

  /** As `Collective.inspect`, in the native core. */
  async inspect(vector: Float32Array): Promise<Inspection> {
    checkParts([vector], vector);
    const [inspection] = await this.#add([vector], undefined);
    return inspection;
  }

  /** @param found filled with the checksum of each part, and 1 if the part is finite */
  protected abstract add(
    parts: readonly Float32Array[],
    out: Float32Array | undefined,
    found: BigUint64Array,
  ): Promise<unknown>;

  async #add(parts: readonly Float32Array[], out: Float32Array | undefined): Promise<Inspection[]> {
    const found = new BigUint64Array(2 * parts.length);
    await this.add(parts, out, found);
    return parts.map((_, part) => ({ checksum: found[2 * part], finite: found[2 * part + 1] === 1n }));
  }
}
