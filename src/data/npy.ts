/**
 * NPY, the array files of NumPy (NEP 1; versions 1 to 3): a magic string, a version, the length of a header, the header (a
 * Python dictionary that gives type, order and shape), then the values.
 */
import { endianness } from "node:os";
import { DataError } from "../error.js";
import { decode, type NdArray, type NumberType } from "./ndarray.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** Values start at a multiple of this, so that a file can be mapped into memory. */
const ALIGNMENT = 64;

const TYPES: Readonly<Record<string, NumberType>> = {
  b1: "bool",
  u1: "u8",
  i1: "i8",
  u2: "u16",
  i2: "i16",
  i4: "i32",
  i8: "i64",
  f4: "f32",
  f8: "f64",
};

export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * @param file names the file in errors
 * @throws DataError when `bytes` are not one whole NPY array of plain numbers in C order
 */
export function parseNpy(bytes: Uint8Array, file: string): NdArray {
  const { header, end } = readHeader(bytes, file);
  const type = header.match(/['"]descr['"]\s*:\s*['"](([<>|])(\w+))['"]/);
  const order = header.match(/['"]fortran_order['"]\s*:\s*(True|False)/);
  const extents = header.match(/['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/);
  if (!order || !extents) {
    throw new DataError(`${file}: NPY header damaged: ${JSON.stringify(header.trim().slice(0, 80))}`);
  }
  if (!type || !(type[3] in TYPES)) {
    const found = type?.[1] ?? header.match(/['"]descr['"]\s*:\s*(.{1,40})/)?.[1].trim() ?? "nothing";
    throw new DataError(
      `${file}: NPY dtype ${found} is not supported: save the array with .astype("uint8") or .astype("float32")`,
    );
  }
  if (order[1] === "True") {
    throw new DataError(`${file}: NPY array in Fortran order: save numpy.ascontiguousarray(array) instead`);
  }
  const shape = (extents[1].match(/\d+/g) ?? []).map(Number);
  return decode(bytes.subarray(end), TYPES[type[3]], type[2] !== ">", shape, file);
}

/** The text of the header, and where it ends. */
function readHeader(bytes: Uint8Array, file: string): { header: string; end: number } {
  const version = bytes[6];
  if (!isNpy(bytes) || version < 1 || version > 3) {
    throw new DataError(`${file}: not an NPY file of version 1, 2 or 3`);
  }
  const start = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = bytes.length < start ? Infinity : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = start + length;
  if (end > bytes.length) {
    throw new DataError(
      `${file}: NPY header cut short: the file has only ${bytes.length} bytes; fetch or write it again`,
    );
  }
  return { header: new TextDecoder().decode(bytes.subarray(start, end)), end };
}

/** An NPY file (version 1) that holds `values` in C order, float32. */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const needed = shape.reduce((product, extent) => product * extent, 1);
  if (needed !== values.length) {
    throw new DataError(`NPY: shape ${shape.join(" x ")} needs ${needed} values, got ${values.length}`);
  }
  const order = endianness() === "LE" ? "<" : ">";
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${order}f4', 'fortran_order': False, 'shape': (${extents}), }`;
  const start = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${dictionary.padEnd(start - 10 - 1)}\n`;
  const bytes = new Uint8Array(start + values.byteLength);
  bytes.set([...MAGIC, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
  return bytes;
}
