/**
 * The tree sum in native code, on libuv's threads: the event loop goes on meanwhile. One pass over memory does it all, so
 * it runs about as fast as memory is. Neither the instruction set nor the number of threads shows in the bits.
 */
import { bestInstructionSet, type CollectiveCore, CoreCollective, collectiveCore } from "./native-core.js";

export interface NativeCollectiveOptions {
  /** One that this chip has; the best by default. */
  readonly instructionSet?: string;
  /** Threads at most; by default as many as there are cores, so far as libuv has them. */
  readonly threads?: number;
}

export class NativeCollective extends CoreCollective {
  readonly #core: CollectiveCore;
  readonly #instructionSet: string;
  readonly #threads: number | undefined;

  /** @throws NativeCoreError where the native core cannot be loaded */
  constructor({ instructionSet, threads }: NativeCollectiveOptions = {}) {
    super();
    this.#core = collectiveCore();
    this.#instructionSet = instructionSet ?? bestInstructionSet();
    this.#threads = threads;
  }

  protected add(
    parts: readonly Float32Array[],
    out: Float32Array | undefined,
    found: BigUint64Array,
  ): Promise<unknown> {
    return this.#core.sum(this.#instructionSet, parts, out, found, this.#threads);
  }
}
