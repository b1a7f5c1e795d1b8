/**
 * The files in a ZIP archive (APPNOTE 6.3.10), read in ranges, because stored files can be larger than memory. Written
 * here because available libraries want the whole archive in memory and do not check the CRC of unpacked data.
 */
import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import { DataError } from "../../error.js";
import { type Bytes, bytesInMemory } from "./format.js";
import { checkClaim } from "./limits.js";

const inflate = promisify(inflateRaw);

interface ZipEntry {
  readonly name: string;
  /** Bytes when unpacked. */
  readonly size: number;
  open(): Promise<Bytes>;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const NONE_64 = 0xffffffff;
const [STORED, DEFLATED] = [0, 8];

/** @throws DataError when it is no archive, or damaged */
export async function openZip(bytes: Bytes, file: string): Promise<ZipEntry[]> {
  const damaged = (what: string): DataError =>
    new DataError(`${file}: ZIP archive damaged or cut short (${what}); fetch or write it again`);
  const { start, length, count } = await findDirectory(bytes, damaged);
  if (start + length > bytes.size) throw damaged("its directory lies beyond its end");
  const directory = await bytes.read(start, start + length);
  const view = new DataView(directory.buffer, directory.byteOffset, directory.length);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== CENTRAL) throw damaged("its directory");
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const end = at + 46 + nameLength + extra + comment;
    if (end > directory.length) throw damaged("its directory");
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameLength));
    const member = memberAt(view, at, at + 46 + nameLength, extra);
    entries.push({ name, size: member.size, open: () => openMember(bytes, name, member, file, damaged) });
    at = end;
  }
  return entries;
}

async function findDirectory(bytes: Bytes, damaged: (what: string) => DataError) {
  const tailStart = Math.max(0, bytes.size - 22 - 0xffff);
  const tail = await bytes.read(tailStart, bytes.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  let end = tail.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw damaged("it has no directory");
  const plain = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    start: view.getUint32(end + 16, true),
  };
  if (end < 20 || view.getUint32(end - 20, true) !== LOCATOR_64) return plain;
  const at = Number(view.getBigUint64(end - 12, true));
  if (at + 56 > bytes.size) throw damaged("its directory");
  const record = await bytes.read(at, at + 56);
  const view64 = new DataView(record.buffer, record.byteOffset, record.length);
  if (view64.getUint32(0, true) !== END_64) throw damaged("its directory");
  const [count, length, start] = [32, 40, 48].map((offset) => Number(view64.getBigUint64(offset, true)));
  return { count, length, start };
}

interface Member {
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

function memberAt(view: DataView, at: number, extraAt: number, extra: number): Member {
  const plain = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  let wide = extraAt;
  while (wide + 4 <= extraAt + extra && view.getUint16(wide, true) !== 1) wide += 4 + view.getUint16(wide + 2, true);
  wide += 4;
  // The 64-bit field holds only the values that exceed their usual fields, in this order.
  const [size, packed, offset] = plain.map((value) => {
    if (value !== NONE_64 || wide + 8 > extraAt + extra) return value;
    wide += 8;
    return Number(view.getBigUint64(wide - 8, true));
  });
  return { method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), size, packed, offset };
}

async function openMember(
  bytes: Bytes,
  name: string,
  { method, crc, packed, size, offset }: Member,
  file: string,
  damaged: (what: string) => DataError,
): Promise<Bytes> {
  if (offset + 30 > bytes.size) throw damaged(name);
  const local = await bytes.read(offset, offset + 30);
  const view = new DataView(local.buffer, local.byteOffset, local.length);
  if (view.getUint32(0, true) !== LOCAL) throw damaged(name);
  const start = offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packed > bytes.size) throw damaged(name);
  if (method === STORED) {
    if (packed !== size) throw damaged(name);
    return checkedSection(bytes, start, size, crc, () => damaged(`${name}: its CRC differs`));
  }
  if (method !== DEFLATED) {
    throw new DataError(`${file}: ${name} is packed by method ${method}; 0 and 8 are read: write it with numpy.savez`);
  }
  checkClaim(size, packed, `${file}: ${name}`);
  const unpacked = await inflate(await bytes.read(start, start + packed), { maxOutputLength: Math.max(1, size) }).catch(
    () => undefined,
  );
  if (unpacked?.length !== size || crc32(unpacked) !== crc) throw damaged(name);
  return bytesInMemory(new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.length));
}

/** A section of a file; its CRC is checked when all of it is read at once. */
function checkedSection(bytes: Bytes, start: number, size: number, crc: number, damaged: () => DataError): Bytes {
  let known = false;
  return {
    size,
    async read(from, to) {
      if (!known) {
        known = true;
        await checkCrc(bytes, start, size, crc, damaged);
      }
      return bytes.read(start + from, start + to);
    },
  };
}

const CHUNK = 1 << 26;

async function checkCrc(bytes: Bytes, start: number, size: number, crc: number, damaged: () => DataError) {
  let found = 0;
  for (let at = 0; at < size; at += CHUNK) {
    found = crc32(await bytes.read(start + at, start + Math.min(size, at + CHUNK)), found);
  }
  if (found !== crc) throw damaged();
}
