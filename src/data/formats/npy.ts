/**
 * NPY, the array files of NumPy (NEP 1; versions 1 to 3): a magic string, a version, the length of a header, the header (a
 * Python dictionary that gives type, order and shape), then the values, by rows (C order) or by columns (Fortran order).
 */
import { endianness } from "node:os";
import { DataError } from "../../error.js";
import type { Bytes, Format, StoredArray, Values } from "./format.js";
import { checkSize, decodeNumbers, describeShape, NUMBER_SIZES, type NumberType } from "./numbers.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** Values start at a multiple of this, so that a file can be mapped into memory. */
const ALIGNMENT = 64;
/** Bytes of a header: NumPy itself refuses longer ones by default. */
const LONGEST_HEADER = 1 << 16;

const TYPES: Readonly<Record<string, NumberType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

export const NPY: Format = {
  name: "NPY",
  endings: ["npy"],
  recognises: (start) => MAGIC.every((byte, i) => start[i] === byte),
  open: async (bytes, file) => [await openNpy(bytes, file)],
};

/** @param name of the array, where the file holds several */
export async function openNpy(bytes: Bytes, file: string, name = ""): Promise<StoredArray> {
  const { header, end } = await readHeader(bytes, file);
  const order = header.match(/['"]fortran_order['"]\s*:\s*(True|False)/);
  const extents = header.match(/['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/);
  if (!order || !extents) {
    throw new DataError(`${file}: NPY header damaged: ${JSON.stringify(header.trim().slice(0, 80))}`);
  }
  const { type, little } = typeIn(header, file);
  const shape = (extents[1].match(/\d+/g) ?? []).map(Number);
  checkSize(bytes.size - end, type, shape, file);
  const values: Section = { bytes, start: end, type, little, shape };
  const rows = order[1] === "True" && shape.length > 1 ? fortranRows : rowsInOrder;
  return { name, type, shape, rows: (first, last) => rows(values, first, last) };
}

function typeIn(header: string, file: string): { readonly type: NumberType; readonly little: boolean } {
  const found = header.match(/['"]descr['"]\s*:\s*['"]([<>|=]?)(\w+)['"]/);
  if (found && Object.hasOwn(TYPES, found[2])) return { type: TYPES[found[2]], little: found[1] !== ">" };
  const name = found ? found[1] + found[2] : header.match(/['"]descr['"]\s*:\s*(.{1,40})/)?.[1].trim();
  throw new DataError(`${file}: NPY dtype ${name ?? "nothing"} is not plain numbers: ${conversion(found?.[2], file)}`);
}

/** A line of Python that converts other types to plain numbers. */
function conversion(type: string | undefined, file: string): string {
  const load = (how = "") => `a = numpy.load(${JSON.stringify(file)}${how})`;
  const save = (what: string) => `numpy.save("plain.npy", ${what})`;
  if (type?.startsWith("O")) {
    return `${load(", allow_pickle=True")}; ${save('numpy.stack([numpy.asarray(x, "float32") for x in a])')}`;
  }
  if (type?.startsWith("c")) return `${load()}; ${save('numpy.stack([a.real, a.imag], -1).astype("float32")')}`;
  if (type?.match(/^[US]/)) return `${load()}; ${save('numpy.unique(a, return_inverse=True)[1].astype("int32")')}`;
  if (type === undefined) {
    return `${load()}; ${save('numpy.lib.recfunctions.structured_to_unstructured(a).astype("float32")')}`;
  }
  return `${load()}; ${save('a.astype("float32")')}`;
}

/** The values of an array within its file. */
interface Section {
  readonly bytes: Bytes;
  readonly start: number;
  readonly type: NumberType;
  readonly little: boolean;
  readonly shape: readonly number[];
}

async function rowsInOrder({ bytes, start, type, little, shape }: Section, first: number, last: number) {
  const row = (bytes.size - start) / shape[0];
  return decodeNumbers(await bytes.read(start + first * row, start + last * row), type, little);
}

/** Each column is contiguous, with all of its rows; the last index of a row changes slowest. */
async function fortranRows(section: Section, first: number, last: number): Promise<Values> {
  const { bytes, start, type, little, shape } = section;
  const [count, ...inner] = shape;
  const size = NUMBER_SIZES[type];
  const columns = inner.reduce((product, extent) => product * extent, 1);
  const all = first === 0 && last === count ? await bytes.read(start, bytes.size) : undefined;
  let values: Values | undefined;
  for (let stored = 0; stored < columns; stored++) {
    const from = (stored * count + first) * size;
    const to = (stored * count + last) * size;
    const part = all ? all.subarray(from, to) : await bytes.read(start + from, start + to);
    const column = decodeNumbers(part, type, little);
    values ??= emptyLike(column, (last - first) * columns);
    // Perhaps only this column has integers of more than 32 bits.
    if (values instanceof Int32Array && column instanceof Float32Array) values = Float32Array.from(values);
    const place = columnPlace(stored, inner);
    for (let row = 0; row < last - first; row++) values[row * columns + place] = column[row];
  }
  return values as Values;
}

function emptyLike(values: Values, length: number): Values {
  if (values instanceof Uint8Array) return new Uint8Array(length);
  return values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}

/** Position in a row, in C order, of the column that is stored as number `stored`. */
function columnPlace(stored: number, inner: readonly number[]): number {
  let place = 0;
  let rest = stored;
  const indices = inner.map((extent) => {
    const index = rest % extent;
    rest = Math.floor(rest / extent);
    return index;
  });
  for (const [i, extent] of inner.entries()) place = place * extent + indices[i];
  return place;
}

/** The text of the header, and where it ends. */
async function readHeader(bytes: Bytes, file: string): Promise<{ header: string; end: number }> {
  const start = await bytes.read(0, Math.min(bytes.size, LONGEST_HEADER));
  const version = start[6];
  if (!NPY.recognises(start, file) || !(version >= 1 && version <= 3)) {
    throw new DataError(`${file}: not an NPY file of version 1, 2 or 3`);
  }
  const begin = version === 1 ? 10 : 12;
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  const length = start.length < begin ? Infinity : version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = begin + length;
  if (end > bytes.size) {
    throw new DataError(
      `${file}: NPY header cut short: the file has only ${bytes.size} bytes; fetch or write it again`,
    );
  }
  if (end > start.length) throw new DataError(`${file}: NPY header of ${length} bytes; at most 65536 are read`);
  return { header: new TextDecoder().decode(start.subarray(begin, end)), end };
}

/** An NPY file (version 1) that holds `values` in C order, float32. */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const needed = shape.reduce((product, extent) => product * extent, 1);
  if (needed !== values.length) {
    throw new DataError(`NPY: shape ${describeShape(shape)} needs ${needed} values, got ${values.length}`);
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
