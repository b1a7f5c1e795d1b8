/**
 * What a data file holds: numbers and the shape they are laid out in. Both file formats decode to this; bytes stay bytes,
 * whole numbers become 32-bit ones, real numbers float32.
 */
import { DataError } from "../error.js";

export interface NdArray {
  /** Extent of each dimension, the slowest first (C order). */
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int32Array | Float32Array;
  /** What a stored value is multiplied by when it is read as a brightness. */
  readonly scale: number;
}

export type NumberType = "bool" | "u8" | "i8" | "u16" | "i16" | "i32" | "i64" | "f32" | "f64";

const SIZES: Readonly<Record<NumberType, number>> = {
  bool: 1,
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
};

/**
 * The array that fills `bytes` exactly. The shape comes from a header that may lie, so nothing is allocated before the
 * number of bytes has confirmed it.
 * @throws DataError naming `file` when the shape is empty or does not match the bytes
 */
export function decode(
  bytes: Uint8Array,
  type: NumberType,
  littleEndian: boolean,
  shape: readonly number[],
  file: string,
): NdArray {
  const needed = shape.reduce((product, extent) => product * extent, SIZES[type]);
  if (needed === 0) {
    throw new DataError(`${file}: holds no data (its shape is ${describeShape(shape)})`);
  }
  if (needed !== bytes.length) {
    const fault = bytes.length < needed ? "cut short" : "followed by something else";
    throw new DataError(
      `${file}: data ${fault}: ${describeShape(shape)} values of type ${type} are ${needed} bytes, ` +
        `the file has ${bytes.length}; fetch or write it again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = decodeValues(view, type, littleEndian, file);
  return { shape, values, scale: type === "u8" ? 1 / 255 : 1 };
}

/** `60000 x 28 x 28`. */
export function describeShape(shape: readonly number[]): string {
  return shape.join(" x ") || "1";
}

function decodeValues(view: DataView, type: NumberType, littleEndian: boolean, file: string): NdArray["values"] {
  const count = view.byteLength / SIZES[type];
  switch (type) {
    case "bool":
    case "u8":
      return new Uint8Array(view.buffer, view.byteOffset, count);
    case "i8":
      return fill(new Int32Array(count), (i) => view.getInt8(i));
    case "u16":
      return fill(new Int32Array(count), (i) => view.getUint16(2 * i, littleEndian));
    case "i16":
      return fill(new Int32Array(count), (i) => view.getInt16(2 * i, littleEndian));
    case "i32":
      return fill(new Int32Array(count), (i) => view.getInt32(4 * i, littleEndian));
    case "i64":
      return fill(new Int32Array(count), (i) => narrow(view.getBigInt64(8 * i, littleEndian), i, file));
    case "f32":
      return fill(new Float32Array(count), (i) => view.getFloat32(4 * i, littleEndian));
    case "f64":
      return fill(new Float32Array(count), (i) => view.getFloat64(8 * i, littleEndian));
  }
}

function fill<T extends Int32Array | Float32Array>(values: T, read: (index: number) => number): T {
  for (let i = 0; i < values.length; i++) {
    values[i] = read(i);
  }
  return values;
}

function narrow(value: bigint, index: number, file: string): number {
  if (BigInt.asIntN(32, value) !== value) {
    throw new DataError(
      `${file}: value ${value} at index ${index} does not fit in 32 bits; save it as int32 or float32`,
    );
  }
  return Number(value);
}
