/**
 * IDX, the format of the MNIST files (Y. LeCun, "The MNIST database of handwritten digits"): two zero bytes, a type code,
 * the number of dimensions, each extent as a big-endian 32-bit number, then the values, big-endian, in C order.
 */
import { DataError } from "../../error.js";
import type { Bytes, Format, StoredArray } from "./format.js";
import { checkSize, decodeNumbers, NUMBER_SIZES, type NumberType } from "./numbers.js";

const TYPES: Readonly<Record<number, NumberType>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

export const IDX: Format = {
  name: "IDX",
  endings: ["idx", "idx1", "idx2", "idx3", "idx4", "ubyte"],
  recognises: (start) => start.length >= 4 && start[0] === 0 && start[1] === 0 && start[2] in TYPES && start[3] > 0,
  open: async (bytes, file) => [await openIdx(bytes, file)],
};

async function openIdx(bytes: Bytes, file: string): Promise<StoredArray> {
  const [, , code, rank] = await bytes.read(0, 4);
  const header = 4 + 4 * rank;
  if (bytes.size < header) {
    throw new DataError(`${file}: IDX header cut short: ${rank} dimensions need ${header} bytes, got ${bytes.size}`);
  }
  const extents = await bytes.read(4, header);
  const view = new DataView(extents.buffer, extents.byteOffset, extents.length);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 * i));
  const type = TYPES[code];
  checkSize(bytes.size - header, type, shape, file);
  const row = (bytes.size - header) / shape[0];
  return {
    name: "",
    type,
    shape,
    rows: async (start, end) =>
      decodeNumbers(await bytes.read(header + start * row, header + end * row), type, NUMBER_SIZES[type] === 1),
  };
}
