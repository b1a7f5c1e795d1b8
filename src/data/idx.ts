/**
 * IDX, the format of the MNIST files (Y. LeCun, "The MNIST database of handwritten digits"): two zero bytes, a type code,
 * the number of dimensions, each extent as a big-endian 32-bit number, then the values, big-endian, in C order.
 */
import { DataError } from "../error.js";
import { decode, type NdArray, type NumberType } from "./ndarray.js";

const TYPES: Readonly<Record<number, NumberType>> = {
  8: "u8",
  9: "i8",
  11: "i16",
  12: "i32",
  13: "f32",
  14: "f64",
};

/** Whether `bytes` can be the start of an IDX file. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in TYPES && bytes[3] > 0;
}

/**
 * @param file names the file in errors
 * @throws DataError when `bytes` are not one whole IDX array
 */
export function parseIdx(bytes: Uint8Array, file: string): NdArray {
  if (!isIdx(bytes)) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new DataError(`${file}: not an IDX file: it starts with ${start || "nothing"}, not 00 00, a type and a rank`);
  }
  const rank = bytes[3];
  const headerLength = 4 + 4 * rank;
  if (bytes.length < headerLength) {
    throw new DataError(
      `${file}: IDX header cut short: ${rank} dimensions need ${headerLength} bytes, got ${bytes.length}`,
    );
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const shape = Array.from({ length: rank }, (_, i) => header.getUint32(4 + 4 * i));
  return decode(bytes.subarray(headerLength), TYPES[bytes[2]], false, shape, file);
}
