/** The native core as the collectives see it. What goes in is checked by those who call: the core only guards memory. */
import type { EngineHandle, MemoryHandle } from "../device/cpu/addon.js";
import { nativeCore } from "../native-core.js";
import { checkParts } from "./check-parts.js";
import type { Collective, Inspection } from "./collective.js";

/** Where a worker's arrival at a barrier goes: the shared memory, the places for checksum and loss, and what it is of. */
export type Arrival = readonly [
  memory: ArrayBuffer,
  checksum: BigUint64Array,
  loss: Float64Array,
  number: number,
  round: number,
  parties: number,
  milliseconds: number,
];

/** With an engine: in its order and by its threads; resolves with false when it was closed before. Else on libuv's threads. */
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
  /** Resolves with whether all have come. */
  meet(instructionSet: string, own: readonly [Float32Array], loss: number, ...arrival: Arrival): Promise<boolean>;
  /** `passed` becomes 1 if all have come. It settles with what is enqueued next, or when nothing is left to do. */
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

/** A tree sum by the core, whichever threads it has do it. */
export abstract class CoreCollective implements Collective {
  async sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    checkParts(parts, out);
    return this.#add(parts, out);
  }

  async inspect(vector: Float32Array): Promise<Inspection> {
    checkParts([vector], vector);
    const [inspection] = await this.#add([vector], undefined);
    return inspection;
  }

  /** @param found becomes, of each part, its checksum and 1 if it is finite */
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
