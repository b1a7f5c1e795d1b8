/**
 * Memory of the reference device. Reads and writes round to the type of the buffer, as on any device. `readExact` and
 * `writeExact` move the float64 values themselves: central differences need them.
 */
import type { ElementType, TypedArrays } from "../../program/buffer.js";
import { fromFloats, type NarrowFloat, toFloats } from "../../program/narrow-float.js";
import { CommonBuffer } from "../common/buffer.js";
import { checkRange } from "../common/checks.js";
import type { Life } from "../common/life.js";
import type { Held } from "./matrix.js";

/** What differs between the element types. */
interface Storage<T extends ElementType> {
  zeros(length: number): Held[T];
  slice(values: Held[T], from: number, to: number): Held[T];
  held(values: TypedArrays[T]): ArrayLike<number>;
  rounded(values: Held[T]): TypedArrays[T];
}

function narrow<T extends NarrowFloat>(type: T): Storage<T> {
  return {
    zeros: (length) => new Float64Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: (bits) => fromFloats(type, bits),
    rounded: (values) => toFloats(type, values),
  } as Storage<NarrowFloat> as Storage<T>;
}

const STORAGE: { readonly [T in ElementType]: Storage<T> } = {
  f32: {
    zeros: (length) => new Float64Array(length),
    slice: (values, from, to) => values.slice(from, to),
    held: (values) => values,
    rounded: (values) => Float32Array.from(values),
  },
  f16: narrow("f16"),
  bf16: narrow("bf16"),
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

export class ReferenceBuffer<T extends ElementType = ElementType> extends CommonBuffer<T> {
  #data: Held[T] | undefined;

  constructor(life: Life, type: T, length: number, label: string) {
    super(life, type, length, label);
    this.#data = STORAGE[type].zeros(length);
  }

  /** As `write`, without rounding. */
  writeExact(data: Held[T], offset = 0): void {
    this.#write(data, offset);
  }

  /** As `read`, without rounding, and without a promise. */
  readExact(offset = 0, length = this.length - offset): Held[T] {
    return this.#copy(offset, length);
  }

  /** The memory itself, for the interpreter. */
  get data(): Held[T] {
    this.checkUsable();
    if (this.#data === undefined) throw new Error("Invariant violation: a buffer without memory");
    return this.#data;
  }

  protected put(data: TypedArrays[T], offset: number): void {
    this.#write(STORAGE[this.type].held(data), offset);
  }

  /** Copies at once, but resolves in the next turn of the event loop: until then the loss of the device fails the read. */
  protected async fill(out: TypedArrays[T], offset: number): Promise<void> {
    const copy = STORAGE[this.type].rounded(this.#copy(offset, out.length));
    await Promise.resolve();
    out.set(copy);
  }

  protected free(): void {
    this.#data = undefined;
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
