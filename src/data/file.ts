/** Opens a data file of any format, plain or gzip. Its first bytes decide the format. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DataError } from "../error.js";
import { explained } from "../world/disk-error.js";
import type { Disk } from "../world/world.js";
import { nameForeign } from "./formats/foreign.js";
import { type Bytes, bytesInMemory, type FormatOptions, type StoredTable } from "./formats/format.js";
import { MOST_UNPACKED, reasonOf } from "./formats/limits.js";
import { FORMAT_NAMES, formatOf } from "./formats/table.js";

const unpack = promisify(gunzip);

/** Bytes that the formats are recognised by. */
const START = 4096;

/**
 * The arrays in a file; rows are read on demand.
 * @throws DataError when the file is damaged, empty or of another kind
 * @throws DawnpourError when it cannot be read
 */
export async function openFile(disk: Disk, path: string, options: FormatOptions = {}): Promise<readonly StoredTable[]> {
  const bytes = await openBytes(disk, path);
  const start = await bytes.read(0, Math.min(START, bytes.size));
  if (start.length === 0) throw new DataError(`${path}: the file is empty; fetch or write it again`);
  const format = formatOf(start, path);
  if (format) return format.open(bytes, path, options);
  const foreign = nameForeign(start, path);
  if (foreign) throw new DataError(`${path}: ${foreign}`);
  const shown = [...start.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new DataError(
    `${path}: none of ${FORMAT_NAMES} (it starts with ${shown}); give a file of one of these formats`,
  );
}

/** A file's bytes, unpacked if they are gzip. */
async function openBytes(disk: Disk, path: string): Promise<Bytes> {
  const status = await explained("read", path, disk.status(path));
  const size = status?.size ?? 0;
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    const bytes = await explained("read", path, disk.readRange(path, start, end));
    if (bytes.length < end - start) throw new DataError(`${path}: became shorter while it was read; read it again`);
    return bytes;
  };
  const [first, second] = await read(0, Math.min(2, size));
  if (first !== 0x1f || second !== 0x8b) return { size, read };
  return bytesInMemory(await ungzip(await read(0, size), path));
}

async function ungzip(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  try {
    const plain = await unpack(bytes, { maxOutputLength: MOST_UNPACKED });
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new DataError(
      tooLarge
        ? `${path}: unpacks to more than ${MOST_UNPACKED} bytes, which is as much as is unpacked in memory: gunzip it first`
        : `${path}: gzip data damaged or cut short (${reasonOf(error)}); fetch it again`,
      { cause: error },
    );
  }
}
