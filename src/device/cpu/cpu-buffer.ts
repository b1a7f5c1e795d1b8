/** A buffer in memory of a CPU device, or in memory that the caller lends. `destroy` or collection releases the memory. */
import { BYTES_PER_ELEMENT, type ElementType, type TypedArrays } from "../../program/buffer.js";
import { CommonBuffer } from "../common/buffer.js";
import type { MemoryHandle } from "./addon.js";
import type { Engine } from "./engine.js";

export class CpuBuffer<T extends ElementType = ElementType> extends CommonBuffer<T> {
  readonly engine: Engine;
  readonly #memory: MemoryHandle;

  /** @param memory memory of `length` elements to use; by default the buffer allocates its own */
  constructor(engine: Engine, type: T, length: number, label: string, memory?: Float32Array) {
    super(engine.life, type, length, label);
    this.engine = engine;
    const what = `buffer "${label}"`;
    this.#memory = memory ? engine.adopt(what, memory) : engine.allocate(what, length * BYTES_PER_ELEMENT[type]);
  }

  /** @throws DawnpourError after `destroy` */
  get memory(): MemoryHandle {
    this.checkUsable();
    return this.#memory;
  }

  protected put(data: TypedArrays[T], offset: number): void {
    const { handle, core } = this.engine;
    const start = offset * BYTES_PER_ELEMENT[this.type];
    this.engine.within(() => core.write(handle, this.#memory, start, data));
  }

  protected async fill(out: TypedArrays[T], offset: number): Promise<void> {
    const { handle, core } = this.engine;
    const start = offset * BYTES_PER_ELEMENT[this.type];
    await this.engine.finish(this.engine.within(() => core.read(handle, this.#memory, start, out)));
  }

  protected free(): void {
    this.engine.core.release(this.#memory);
  }
}
