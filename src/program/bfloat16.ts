/**
 * bfloat16 (brain floating point): the upper half of a float32, with 8 significant bits and the range of float32. JavaScript holds
 * such numbers as their bits, in a Uint16Array. Numbers too small for a normal float32 count as zero, as in the units that
 * multiply pairs of bfloat16.
 */

/** Converts between a float32 and its bits. */
const float = new DataView(new ArrayBuffer(4));
const LEAST_NORMAL = 2 ** -126;
const QUIET_NAN_BIT = 0x40;

/** The bits of the bfloat16 nearest to `x` (as a float32). Of two equally near ones it is the even one. */
export function toBFloat16(x: number): number {
  float.setFloat32(0, x);
  const bits = float.getUint32(0);
  const upper = bits >>> 16;
  if (Number.isNaN(x)) return upper | QUIET_NAN_BIT;
  if (Math.abs(Math.fround(x)) < LEAST_NORMAL) return upper & 0x8000;
  return (bits + 0x7fff + (upper & 1)) >>> 16;
}

/** The number that `bits` stand for. */
export function fromBFloat16(bits: number): number {
  float.setUint32(0, bits << 16);
  return float.getFloat32(0);
}

/** The bfloat16 nearest to `x`. */
export function roundToBFloat16(x: number): number {
  return fromBFloat16(toBFloat16(x));
}
