/**
 * Memory of the reference device. To the contract it is a buffer like any other: what goes in and out is
 * rounded to its type. Beside it stand
 * `readExact` and `writeExact`, which move the float64 values that are really there: central differences need them.
 */
import { DawnpourError } from "../../error.js";
import type { ElementType, TypedArrays } from "../../program/buffer.js";
import { fromFloat16Array, toFloat16Array } from "../../program/float16.js";
import { checkRange, checkRead, checkWrite, type DeviceBuffer } from "../device.js";
import type { Held } from "./matrix.js";

/** What differs between the element types. */
interface Storage<T extends ElementType> {
  zeros(length: number): Held[T];
  slice(values: Held[T], from: number, to: number): Held[T];
  held(values: TypedArrays[T]): ArrayLike<number>;
  rounded(values: Held[T]): TypedArrays[T];
}

const STORAGE: { readonly [T in ElementType]: Storage<T> } = {
  f32: {
    zeros: (length) => new Float64Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: (values) => values,
    rounded: (values) => Float32Array.from(values),
  },
  f16: {
    zeros: (length) => new Float64Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: fromFloat16Array,
    rounded: toFloat16Array,
  },
  u32: {
    zeros: (length) => new Uint32Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: (values) => values,
    rounded: (values) => values,
  },
  u8: {
    zeros: (length) => new Uint8Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: (values) => values,
    rounded: (values) => values,
  },
};

/** Throws `DeviceLostError` once the device is gone. */
export type CheckAlive = () => void;

export class ReferenceBuffer<T extends ElementType = ElementType> implements DeviceBuffer<T> {
  readonly type: T;
  readonly length: number;
  readonly label: string;
  readonly #checkAlive: CheckAlive;
  #data: Held[T] | undefined;

  constructor(type: T, length: number, label: string, checkAlive: CheckAlive) {
    this.type = type;
    this.length = length;
    this.label = label;
    this.#checkAlive = checkAlive;
    this.#data = STORAGE[type].zeros(length);
  }

  write(data: TypedArrays[T], offset = 0): void {
    checkWrite(this, offset, data);
    this.#write(STORAGE[this.type].held(data), offset);
  }

  async read(offset = 0, length = this.length - offset): Promise<TypedArrays[T]> {
    const copy = STORAGE[this.type].rounded(this.#copy(offset, length));
    await this.#later();
    return copy;
  }

  async readInto(out: TypedArrays[T], offset = 0): Promise<void> {
    checkRead(this, offset, out);
    const copy = STORAGE[this.type].rounded(this.#copy(offset, out.length));
    await this.#later();
    out.set(copy);
  }

  /** Where a read waits, and fails if the device is lost meanwhile. */
  async #later(): Promise<void> {
    // The values are those of now, but until the next turn the read is pending, and a lost device fails it.
    await Promise.resolve();
    this.#checkAlive();
  }

  /** As `write`, unrounded. */
  writeExact(data: Held[T], offset = 0): void {
    this.#write(data, offset);
  }

  /** As `read`, unrounded and at once. */
  readExact(offset = 0, length = this.length - offset): Held[T] {
    return this.#copy(offset, length);
  }

  destroy(): void {
    this.#data = undefined;
  }

  /** The memory itself, for the interpreter. */
  get data(): Held[T] {
    this.#checkAlive();
    if (this.#data === undefined) {
      throw new DawnpourError(`buffer "${this.label}" is used after it was destroyed`);
    }
    return this.#data;
  }

  #write(data: ArrayLike<number>, offset: number): void {
    const held = this.data;
    checkRange(this, offset, data.length);
    held.set(data, offset);
  }

  #copy(offset: number, length: number): Held[T] {
    const held = this.data;
    checkRange(this, offset, length);
    return STORAGE[this.type].slice(held, offset, offset + length);
  }
}
