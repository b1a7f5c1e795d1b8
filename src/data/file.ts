/** Reads one data file of any kind: IDX or NPY, plain or gzip, told apart by their first bytes and never by their names. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DataError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import { isIdx, parseIdx } from "./idx.js";
import type { NdArray } from "./ndarray.js";
import { isNpy, parseNpy } from "./npy.js";

const unpack = promisify(gunzip);

/**
 * @throws DataError when the file is damaged, empty or of another kind
 * @throws DawnpourError when it cannot be read
 */
export async function readArray(disk: Disk, path: string): Promise<NdArray> {
  const stored = await explained("read", path, disk.read(path));
  const bytes = isGzip(stored) ? await ungzip(stored, path) : stored;
  if (bytes.length === 0) {
    throw new DataError(`${path}: the file is empty; fetch or write it again`);
  }
  if (isNpy(bytes)) {
    return parseNpy(bytes, path);
  }
  if (isIdx(bytes)) {
    return parseIdx(bytes, path);
  }
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new DataError(`${path}: neither IDX nor NPY (it starts with ${start}); give a file of one of these formats`);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function ungzip(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    return await unpack(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(`${path}: gzip data damaged or cut short (${reason}); fetch it again`, { cause: error });
  }
}
