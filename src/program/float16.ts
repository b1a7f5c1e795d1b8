/**
 * Half precision (IEEE 754 binary16): 11 significant bits, from 2^-24 to 65504. JavaScript has no array of them
 * everywhere, so on the host they travel as their bits, in a Uint16Array.
 */

const LARGEST = 65504;
/** From here on a number is nearer to the power of two that would come next: it rounds to infinity. */
const OVERFLOW = 65520;
/** Exponent of the smallest normal number. Below it the steps stay what they are there. */
const LEAST_EXPONENT = -14;
const FRACTION_BITS = 10;
const FRACTION = 2 ** FRACTION_BITS;
const INFINITY_BITS = 0x7c00;
const NAN_BITS = 0x7e00;
const SIGN_BIT = 0x8000;

/** The half nearest to `x`, of two equally near ones the even. */
export function roundToFloat16(x: number): number {
  const size = Math.abs(x);
  if (size >= OVERFLOW) return Math.sign(x) * Number.POSITIVE_INFINITY;
  if (size > LARGEST) return Math.sign(x) * LARGEST;
  // Added to 1.5 of the power of two so far above it, a double keeps just the bits that a half has.
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
  // A normal number has a leading bit beyond its fraction, which so adds one to the exponent's field.
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

export function toFloat16Array(values: Iterable<number>): Uint16Array {
  return Uint16Array.from(values, toFloat16);
}

export function fromFloat16Array(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, fromFloat16);
}

/** For the bits of a double, which take a tenth of the time that logarithm and power do: the reference rounds a lot. */
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
