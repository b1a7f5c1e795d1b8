/** Data files built byte by byte, for tests. */
import type { SimulatedDisk } from "../../src/world/simulated/disk.js";

/** An IDX file: `type` is the format's code, `data` the raw values. */
export function idx(type: number, shape: readonly number[], data: Iterable<number>): Uint8Array {
  const extents = shape.flatMap((extent) => [extent >>> 24, (extent >>> 16) & 255, (extent >>> 8) & 255, extent & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...extents, ...data]);
}

/** An IDX file of bytes. */
export function idxBytes(shape: readonly number[], data: Iterable<number>): Uint8Array {
  return idx(8, shape, data);
}

/** The bytes 0, 1, 2, ... */
export function count(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i);
}

/** An NPY file with the header text `dictionary`. */
export function npy(dictionary: string, data: ArrayLike<number>, version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const start = Math.ceil((8 + lengthBytes + dictionary.length + 1) / 64) * 64;
  const length = start - 8 - lengthBytes;
  const header = new TextEncoder().encode(`${dictionary.padEnd(length - 1)}\n`);
  const lengthField = Array.from({ length: lengthBytes }, (_, i) => (length >> (8 * i)) & 255);
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    version,
    0,
    ...lengthField,
    ...header,
    ...Array.from(data),
  ]);
}

/** The dictionary that NumPy writes. */
export function npyHeader(descr: string, shape: string, fortran = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
}

/** The bytes of numbers, in this machine's order. */
export function bytesOf(values: Float32Array | Float64Array | Int32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Puts files into `folder`, by name. */
export async function putFiles(
  disk: SimulatedDisk,
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  await disk.makeFolder(folder);
  for (const [name, bytes] of Object.entries(files)) {
    await disk.write(`${folder}/${name}`, [bytes]);
  }
}
