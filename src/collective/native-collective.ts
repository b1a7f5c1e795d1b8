/**
 * The tree sum in native code, on libuv's threads, while the event loop goes on. It reads memory once, and its speed is that of
 * the memory. The bits depend neither on the instruction set nor on the number of threads.
 */
import { bestInstructionSet, type CollectiveCore, CoreCollective, collectiveCore } from "./native-core.js";

/** How the native core sums vectors. */
export interface NativeCollectiveOptions {
  /** An instruction set of this chip; default: the best. */
  readonly instructionSet?: string;
  /** The most threads. Default: the number of cores, but no more than libuv has threads. */
  readonly threads?: number;
}

/**
 * The collective operations of the native core.
 * @example
 * ```ts
 * import { NativeCollective } from "dawnpour/distributed";
 *
 * const sum = new Float32Array(2);
 * await new NativeCollective({ threads: 1 }).sum([Float32Array.of(1, 2), Float32Array.of(10, 20)], sum);
 * console.log(sum.join(" ")); // 11 22
 * ```
 */
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
