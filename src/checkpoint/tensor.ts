/**
 * A tensor on the host: its type, its shape and its numbers. Not every Node has an array type for half precision, and
 * none for bfloat16, so these are kept as their bits.
 */
import { DataError } from "../error.js";
import { fromFloat16Array } from "../program/float16.js";

/** The array type of each element type, for its numbers or their bits. */
export const ARRAYS = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** A type of elements, as safetensors files name it. */
export type TensorType = keyof typeof ARRAYS;

/** The arrays that hold the numbers of a tensor, or their bits. */
export type TensorNumbers =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Values in row-major order, their type and shape. */
export interface Tensor {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  /** Row-major. Bits, for F16 and BF16. */
  readonly data: TensorNumbers;
}

/** A tensor, by the name that it has in its file. */
export interface NamedTensor extends Tensor {
  readonly name: string;
}

export function isTensorType(dtype: string): dtype is TensorType {
  return Object.hasOwn(ARRAYS, dtype);
}

export function elementSize(dtype: TensorType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** `F32 [784, 256]` */
export function describeTensor({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): string {
  return `${dtype} [${shape.join(", ")}]`;
}

/**
 * The numbers of a real tensor in single precision; those of F32 without a copy.
 *
 * @param where names the tensor in errors
 * @throws DataError when the tensor holds integers, or a number beyond single precision
 */
export function toFloat32(tensor: Tensor, where: string): Float32Array {
  const values = converted(tensor);
  if (!values) {
    throw new DataError(`${where} is ${describeTensor(tensor)}: weights are real numbers, F64, F32, F16 or BF16`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DataError(`${where}: value ${bad} is ${values[bad]} in single precision: weights must be finite`);
  }
  return values;
}

function converted({ dtype, data }: Tensor): Float32Array | undefined {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (!(data instanceof Uint16Array)) return undefined;
  if (dtype === "F16") return fromFloat16Array(data);
  // A bfloat16 is the upper half of a single.
  return dtype === "BF16" ? new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer) : undefined;
}

/** `[rows, columns]` as `[columns, rows]`. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}
