/** What the buffers of all devices have in common: the check that they may be used, and the calls that they refuse. */
import { DawnpourError } from "../../error.js";
import { type ElementType, TYPED_ARRAYS, type TypedArrays } from "../../program/buffer.js";
import type { DeviceBuffer } from "../device.js";
import { checkDeclaration, checkRange, checkRead, checkWrite } from "./checks.js";
import type { Life } from "./life.js";

export abstract class CommonBuffer<T extends ElementType = ElementType> implements DeviceBuffer<T> {
  readonly type: T;
  readonly length: number;
  readonly label: string;
  readonly #life: Life;
  #destroyed = false;

  /** @param life the life of its device */
  constructor(life: Life, type: T, length: number, label: string) {
    checkDeclaration({ type, length, label });
    this.#life = life;
    this.type = type;
    this.length = length;
    this.label = label;
  }

  write(data: TypedArrays[T], offset = 0): void {
    this.checkUsable();
    checkWrite(this, offset, data);
    if (data.length > 0) this.put(data, offset);
  }

  async read(offset = 0, length = this.length - offset): Promise<TypedArrays[T]> {
    this.checkUsable();
    checkRange(this, offset, length);
    const copy = new TYPED_ARRAYS[this.type](length);
    await this.readInto(copy, offset);
    return copy;
  }

  async readInto(out: TypedArrays[T], offset = 0): Promise<void> {
    this.checkUsable();
    checkRead(this, offset, out);
    if (out.length === 0) return;
    await this.fill(out, offset);
    this.#life.check();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.free();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
  }

  /** Whether it is a buffer of the device that has this life. */
  belongsTo(life: Life): boolean {
    return this.#life === life;
  }

  /** @throws DeviceLostError when the device is gone, DawnpourError when the buffer is */
  checkUsable(): void {
    this.#life.check();
    if (this.#destroyed) throw new DawnpourError(`buffer "${this.label}" was destroyed; create it again to use it`);
  }

  /** Copies `data`, which has one element at least. The caller may change `data` once this returns. */
  protected abstract put(data: TypedArrays[T], offset: number): void;

  /** Fills `out`, which has one element at least, with the elements as they are after all work that was enqueued before. */
  protected abstract fill(out: TypedArrays[T], offset: number): Promise<void>;

  /** Frees the memory. Called once. */
  protected abstract free(): void;
}
