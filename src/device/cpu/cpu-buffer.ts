/** Memory of a CPU device, or memory that it was lent. Let go by `destroy`, or when it is collected. */
import { DawnpourError } from "../../error.js";
import { BYTES_PER_ELEMENT, type ElementType, TYPED_ARRAYS, type TypedArrays } from "../../program/buffer.js";
import { checkRange, checkRead, checkWrite, type DeviceBuffer } from "../device.js";
import type { MemoryHandle } from "./addon.js";
import type { Engine } from "./engine.js";

export class CpuBuffer<T extends ElementType = ElementType> implements DeviceBuffer<T> {
  readonly type: T;
  readonly length: number;
  readonly label: string;
  readonly engine: Engine;
  #memory: MemoryHandle | undefined;

  /** @param memory what it is to be, of that length; by default memory of its own */
  constructor(engine: Engine, type: T, length: number, label: string, memory?: Float32Array) {
    if (!Number.isSafeInteger(length) || length < 1) {
      throw new DawnpourError(`buffer "${label}": length must be a whole number from 1, got ${length}`);
    }
    this.engine = engine;
    this.type = type;
    this.length = length;
    this.label = label;
    const what = `buffer "${label}"`;
    this.#memory = memory ? engine.adopt(what, memory) : engine.allocate(what, length * BYTES_PER_ELEMENT[type]);
  }

  /** @throws DawnpourError after `destroy` */
  get memory(): MemoryHandle {
    if (this.#memory === undefined) throw new DawnpourError(`buffer "${this.label}" is used after it was destroyed`);
    return this.#memory;
  }

  write(data: TypedArrays[T], offset = 0): void {
    const { handle, core } = this.engine;
    checkWrite(this, offset, data);
    core.write(handle, this.memory, offset * BYTES_PER_ELEMENT[this.type], data);
  }

  async readInto(out: TypedArrays[T], offset = 0): Promise<void> {
    const { handle, core } = this.engine;
    checkRead(this, offset, out);
    await this.engine.finish(core.read(handle, this.memory, offset * BYTES_PER_ELEMENT[this.type], out));
  }

  async read(offset = 0, length = this.length - offset): Promise<TypedArrays[T]> {
    checkRange(this, offset, length);
    const copy = new TYPED_ARRAYS[this.type](length);
    await this.readInto(copy, offset);
    return copy;
  }

  destroy(): void {
    if (this.#memory !== undefined) this.engine.core.release(this.#memory);
    this.#memory = undefined;
  }
}
