/**
 * Limits of what a small file may claim: a header can be wrong, so memory is allocated only for what the file could
 * hold.
 */
import { DataError } from "../../error.js";

/** Deflate packs at most 1032 bytes into one, Snappy and LZ4 fewer. */
const MOST_PER_BYTE = 1032;
/** Zstandard and Brotli pack blocks of one value into a few bytes; a larger ratio counts as damage. */
export const MOST_PER_BYTE_OF_RUNS = 16384;
/** Smaller claims, in bytes, are always permitted. */
const HARMLESS = 1 << 20;
/** Bytes that packed data may unpack to: they are held in memory. */
export const MOST_UNPACKED = 2 ** 31;

/** @throws DataError when `claimed` bytes cannot have been packed into `stored` */
export function checkClaim(claimed: number, stored: number, what: string, mostPerByte = MOST_PER_BYTE): void {
  if (claimed > MOST_UNPACKED) {
    throw new DataError(
      `${what} unpacks to ${claimed} bytes, and at most ${MOST_UNPACKED} are unpacked in memory: save it unpacked, or in several files`,
    );
  }
  if (claimed > HARMLESS && claimed > mostPerByte * stored) {
    throw new DataError(
      `${what}: claims ${claimed} bytes in a file of ${stored}: it is damaged; fetch or write it again`,
    );
  }
}

/** A library's message about damaged data, short and without characters that may come from the data. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n")[0]
    .replace(/[^ -~]+/g, "?")
    .slice(0, 120);
}
