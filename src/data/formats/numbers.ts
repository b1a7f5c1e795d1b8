/** Decodes numbers in files: bytes stay bytes, integers become 32-bit ones where they fit, all others float32. */
import { DataError } from "../../error.js";
import { fromFloat16 } from "../../program/float16.js";
import type { Values } from "./format.js";

export type NumberType =
  | "bool"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float16"
  | "float32"
  | "float64";

/** Bytes of a number. */
export const NUMBER_SIZES: Readonly<Record<NumberType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** Dimensions in a message; a damaged file may claim hundreds. */
const MOST_NAMED = 8;

/** `60000 x 28 x 28`. */
export function describeShape(shape: readonly number[]): string {
  const named = shape.slice(0, MOST_NAMED).join(" x ") || "1";
  return shape.length > MOST_NAMED ? `${named} x ... (${shape.length} dimensions)` : named;
}

/**
 * Compares the shape in a header with the number of bytes, before anything is allocated.
 * @throws DataError naming `file` when the shape is empty or does not match the bytes
 */
export function checkSize(bytes: number, type: NumberType, shape: readonly number[], file: string): void {
  const needed = shape.reduce((product, extent) => product * extent, NUMBER_SIZES[type]);
  if (needed === 0 || shape.length === 0) {
    throw new DataError(`${file}: holds no rows (its shape is ${describeShape(shape)})`);
  }
  if (needed !== bytes) {
    const fault = bytes < needed ? "cut short" : "followed by something else";
    throw new DataError(
      `${file}: data ${fault}: ${describeShape(shape)} values of type ${type} are ${needed} bytes, ` +
        `the file has ${bytes}; fetch or write it again`,
    );
  }
}

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** All numbers in `bytes`. */
export function decodeNumbers(bytes: Uint8Array, type: NumberType, littleEndian: boolean): Values {
  const count = bytes.length / NUMBER_SIZES[type];
  if (type === "uint8" || type === "bool") return bytes;
  if (type === "float32" && littleEndian === LITTLE && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = READERS[type](view, littleEndian);
  if (type.startsWith("float")) return filled(new Float32Array(count), read);
  const whole = filled(new Int32Array(count), read);
  const fits = NUMBER_SIZES[type] < 4 || type === "int32" || whole.every((value, i) => value === read(i));
  return fits ? whole : filled(new Float32Array(count), read);
}

type Read = (index: number) => number;
type Reader = (view: DataView, little: boolean) => Read;

const READERS: Readonly<Record<NumberType, Reader>> = {
  bool: (view) => (i) => view.getUint8(i),
  uint8: (view) => (i) => view.getUint8(i),
  int8: (view) => (i) => view.getInt8(i),
  uint16: (view, little) => (i) => view.getUint16(2 * i, little),
  int16: (view, little) => (i) => view.getInt16(2 * i, little),
  uint32: (view, little) => (i) => view.getUint32(4 * i, little),
  int32: (view, little) => (i) => view.getInt32(4 * i, little),
  uint64: (view, little) => (i) => Number(view.getBigUint64(8 * i, little)),
  int64: (view, little) => (i) => Number(view.getBigInt64(8 * i, little)),
  float16: (view, little) => (i) => fromFloat16(view.getUint16(2 * i, little)),
  float32: (view, little) => (i) => view.getFloat32(4 * i, little),
  float64: (view, little) => (i) => view.getFloat64(8 * i, little),
};

function filled<T extends Int32Array | Float32Array>(values: T, read: Read): T {
  for (let i = 0; i < values.length; i++) values[i] = read(i);
  return values;
}
