/**
 * The tree sum in native code, on libuv's threads: the event loop goes on meanwhile. One pass over memory does it all, so
 * it runs about as fast as memory is. Neither the instruction set nor the number of threads shows in the bits.
 */
import { checkParts } from "./check-parts.js";
import type { Collective, Inspection } from "./collective.js";
import { bestInstructionSet, type CollectiveCore, collectiveCore, Found } from "./collective-core.js";

export interface NativeCollectiveOptions {
  /** One that this chip has; the best by default. */
  readonly instructionSet?: string;
  /** Threads at most; by default as many as there are cores, so far as libuv has them. */
  readonly threads?: number;
}

export class NativeCollective implements Collective {
  readonly #core: CollectiveCore;
  readonly #instructionSet: string;
  readonly #threads: number | undefined;

  /** @throws NativeCoreError where the native core cannot be loaded */
  constructor({ instructionSet, threads }: NativeCollectiveOptions = {}) {
    this.#core = collectiveCore();
    this.#instructionSet = instructionSet ?? bestInstructionSet();
    this.#threads = threads;
  }

  async sum(parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    checkParts(parts, out);
    return this.#sum(parts, out);
  }

  async inspect(vector: Float32Array): Promise<Inspection> {
    checkParts([vector], vector);
    const [inspection] = await this.#sum([vector], undefined);
    return inspection;
  }

  async #sum(parts: readonly Float32Array[], out: Float32Array | undefined): Promise<Inspection[]> {
    const found = new Found(parts.length);
    await this.#core.sum(this.#instructionSet, parts, out, found.numbers, this.#threads);
    return found.inspections;
  }
}
