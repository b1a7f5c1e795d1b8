/**
 * TFRecord, the file format of TensorFlow. Each record has its length (8 bytes, little endian), a checksum of the
 * length, the bytes, and a checksum of the bytes. The checksum is CRC-32C (Castagnoli, RFC 3720), "masked": rotated,
 * and a constant added. Source: tensorflow/core/lib/io/record_writer.h and lib/hash/crc32c.h
 */
const MASK = 0xa282ead8;
/** Bytes before a record, and after it. */
const [HEAD, TAIL] = [12, 4];

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function masked(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + MASK) >>> 0;
}

export function record(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(HEAD + bytes.length + TAIL);
  const view = new DataView(all.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, masked(all.subarray(0, 8)), true);
  all.set(bytes, HEAD);
  view.setUint32(HEAD + bytes.length, masked(bytes), true);
  return all;
}

/** The records of a file, up to the first incomplete or damaged one: a killed process may leave one. */
export function* records(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + HEAD + TAIL <= file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + HEAD + length;
    if (end + TAIL > file.length || view.getUint32(at + 8, true) !== masked(file.subarray(at, at + 8))) return;
    const bytes = file.subarray(at + HEAD, end);
    if (view.getUint32(end, true) !== masked(bytes)) return;
    yield bytes;
    at = end + TAIL;
  }
}
