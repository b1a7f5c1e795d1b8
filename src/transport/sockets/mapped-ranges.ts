/** Stretches of the memory of a run, each mapped once. */
import { PAGE } from "../process/memory-page.js";
import type { SharedMemory } from "../process/shared-memory.js";

export class MappedRanges {
  readonly #memory: readonly SharedMemory[];
  readonly #mapped = new Map<string, Uint8Array>();

  /** @param memory in the order of its numbers */
  constructor(memory: readonly SharedMemory[]) {
    this.#memory = memory;
  }

  /** Undefined where there is no such stretch. Stretches begin on a page. */
  of(memory: number, offset: number, bytes: number): Uint8Array | undefined {
    const whole = this.#memory[memory];
    if (!whole || offset % PAGE !== 0 || !(bytes >= 1 && offset + bytes <= whole.bytes)) return undefined;
    const key = `${memory}:${offset}`;
    let mapped = this.#mapped.get(key);
    if (!mapped || mapped.length < bytes) {
      mapped = new Uint8Array(whole.map(offset, bytes));
      this.#mapped.set(key, mapped);
    }
    return mapped.subarray(0, bytes);
  }
}
