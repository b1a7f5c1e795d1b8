/**
 * The integers modulo 2^26, in which contributions are added. A contribution is a signed fixed-point number of 16 bits, so that the
 * sum of up to 2^10 of them is exact: 2^10 (2^15 - 1) < 2^25.
 */
import { UsageError } from "../../error.js";

/** Bits of a number of the ring. */
const BITS = 26;
const LOW = 2 ** BITS - 1;
/** The greatest contribution in fixed point. */
const MOST = 2 ** 15 - 1;
/** Contributions whose sum cannot overflow. */
export const MOST_CLIENTS = 2 ** 10;

/**
 * Values as numbers of the ring: `range` becomes 2^15 - 1, and what lies beyond `range` is cut off there.
 * @throws UsageError for a value that is not a number
 */
export function toFixedPoint(values: ArrayLike<number>, range: number): Uint32Array {
  checkRange(range);
  const all = new Uint32Array(values.length);
  for (let i = 0; i < all.length; i++) {
    if (Number.isNaN(values[i]))
      throw new UsageError(`value ${i} of a contribution is NaN: leave that contribution out`);
    all[i] = Math.max(-MOST, Math.min(MOST, Math.round((values[i] / range) * MOST))) & LOW;
  }
  return all;
}

/** The values of a sum, from numbers of the ring. */
export function fromFixedPoint(sum: Uint32Array, range: number): Float64Array {
  checkRange(range);
  return Float64Array.from(sum, (value) => (((value << (32 - BITS)) >> (32 - BITS)) / MOST) * range);
}

/** Adds the numbers to those of `sum`, in place. */
export function add(sum: Uint32Array, values: Uint32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + values[i]) & LOW;
}

/** Subtracts the numbers from those of `sum`, in place. */
export function subtract(sum: Uint32Array, values: Uint32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] - values[i]) & LOW;
}

/** The bytes of `count` packed numbers. */
export const packedBytes = (count: number): number => Math.ceil((count * BITS) / 8);

/** The numbers, 26 bits each, lowest bits first. */
export function pack(values: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(packedBytes(values.length));
  for (let i = 0; i < values.length; i++) {
    let at = Math.floor((i * BITS) / 8);
    const shift = (i * BITS) % 8;
    bytes[at] |= values[i] << shift;
    for (let done = 8 - shift; done < BITS; done += 8) bytes[++at] |= (values[i] & LOW) >>> done;
  }
  return bytes;
}

/** The inverse of `pack`. */
export function unpack(bytes: Uint8Array, count: number): Uint32Array {
  const values = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let at = Math.floor((i * BITS) / 8);
    const shift = (i * BITS) % 8;
    let value = bytes[at] >>> shift;
    for (let done = 8 - shift; done < BITS; done += 8) value |= bytes[++at] << done;
    values[i] = value & LOW;
  }
  return values;
}

function checkRange(range: number): void {
  if (!(range > 0 && range < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`the range of fixed-point values is ${range}: it must be a positive number`);
  }
}
