/**
 * Half precision (IEEE 754 binary16): 11 significant bits, from 2^-24 to 65504. Not every version of JavaScript has an array of
 * them, so they are held as their bits, in a Uint16Array.
 */

const LARGEST = 65504;
/** Numbers from here on round to infinity: they are nearer to 65536, the next power of two, than to the largest half. */
const OVERFLOW = 65520;
/** Exponent of the smallest normal number. Smaller numbers have the same spacing as those of this exponent. */
const LEAST_EXPONENT = -14;
const FRACTION_BITS = 10;
const FRACTION = 2 ** FRACTION_BITS;
const INFINITY_BITS = 0x7c00;
const NAN_BITS = 0x7e00;
const SIGN_BIT = 0x8000;

/** The half nearest to `x`. Of two equally near ones it is the even one. */
export function roundToFloat16(x: number): number {
  const size = Math.abs(x);
  if (size >= OVERFLOW) return Math.sign(x) * Number.POSITIVE_INFINITY;
  if (size > LARGEST) return Math.sign(x) * LARGEST;
  // The anchor is 1.5 times a power of two, so large that a double of its size has its last bit where a half of the size of `x`
  // has its last bit. So adding the anchor rounds `x` to a half.
  const anchor = oneAndAHalfTimesTwoToThe(exponentOf(size) + 52 - FRACTION_BITS);
  return Math.sign(x) * (size + anchor - anchor);
}

/** The bits of the half nearest to `x`. */
export function toFloat16(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? SIGN_BIT : 0;
  const size = Math.abs(roundToFloat16(x));
  if (Number.isNaN(size)) return NAN_BITS;
  if (size === Number.POSITIVE_INFINITY) return sign | INFINITY_BITS;
  const exponent = exponentOf(size);
  // The fraction of a normal number includes its leading bit, which adds one to the field of the exponent.
  return sign | ((exponent - LEAST_EXPONENT) * FRACTION + size * 2 ** (FRACTION_BITS - exponent));
}

/** The number that `bits` stand for. */
export function fromFloat16(bits: number): number {
  const sign = bits & SIGN_BIT ? -1 : 1;
  const field = (bits & INFINITY_BITS) >> FRACTION_BITS;
  const fraction = bits & (FRACTION - 1);
  if (field === INFINITY_BITS >> FRACTION_BITS) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (field === 0) return sign * fraction * 2 ** (LEAST_EXPONENT - FRACTION_BITS);
  return sign * (FRACTION + fraction) * 2 ** (field - 1 + LEAST_EXPONENT - FRACTION_BITS);
}

/** The bits of the halves nearest to the values; of two equally near ones the even one. */
export function toFloat16Array(values: Iterable<number>): Uint16Array {
  return Uint16Array.from(values, toFloat16);
}

/** The numbers that the bits of halves stand for. */
export function fromFloat16Array(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, fromFloat16);
}

/** Converts between a double and its bits: ten times as fast as logarithms and powers, and the reference device rounds often. */
const double = new DataView(new ArrayBuffer(8));
const DOUBLE_BIAS = 1023;

function exponentOf(size: number): number {
  double.setFloat64(0, size);
  return Math.max(LEAST_EXPONENT, (double.getUint32(0) >>> 20) - DOUBLE_BIAS);
}

function oneAndAHalfTimesTwoToThe(exponent: number): number {
  double.setUint32(0, ((exponent + DOUBLE_BIAS) << 20) | 0x80000);
  double.setUint32(4, 0);
  return double.getFloat64(0);
}
