/**
 * The tree sum in native code, on libuv's threads: the event loop goes on meanwhile. One pass over memory does it all, so
 * it runs about as fast as memory is. Neither the instruction set nor the number of threads shows in the bits.
 */
import { nativeCore } from "../native-core.js";
import { checkParts } from "./check-parts.js";
import type { Collective, Inspection } from "./collective.js";

interface Addon {
  readonly cpu: { instructionSets(): string[] };
  readonly collective: {
    sum(
      instructionSet: string,
      parts: readonly Float32Array[],
      out: Float32Array | undefined,
      threads: number | undefined,
    ): Promise<Inspection[]>;
  };
}

export interface NativeCollectiveOptions {
  /** One that this chip has; the best by default. */
  readonly instructionSet?: string;
  /** Threads at most; by default as many as there are cores, so far as libuv has them. */
  readonly threads?: number;
}

export class NativeCollective implements Collective {
  readonly #addon: Addon;
  readonly #instructionSet: string;
  readonly #threads: number | undefined;

  /** @throws NativeCoreError where the native core cannot be loaded */
  constructor({ instructionSet, threads }: NativeCollectiveOptions = {}) {
    this.#addon = nativeCore<Addon>();
    this.#instructionSet = instructionSet ?? this.#addon.cpu.instructionSets()[0];
    this.#threads = threads;
  }

  async sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    checkParts(parts, out);
    return this.#addon.collective.sum(this.#instructionSet, parts, out, this.#threads);
  }

  async inspect(vector: Float32Array): Promise<Inspection> {
    checkParts([vector], vector);
    const { collective } = this.#addon;
    const [inspection] = await collective.sum(this.#instructionSet, [vector], undefined, this.#threads);
    return inspection;
  }
}
