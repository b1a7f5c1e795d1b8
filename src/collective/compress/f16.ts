/**
 * Half precision: 2 bytes an element. Each element is rounded to the nearest half, and of two equally near halves to the even
 * one. An element beyond the largest half, 65504, becomes 65504; the difference is in the residual.
 */
import { refuseOptions } from "../../choice.js";
import { fromFloat16, toFloat16 } from "../../program/float16.js";
import type { CompressorDefinition } from "./compressor.js";

/** Bits of f32 numbers: the sign bit, infinity, 65504, and the smallest normal half, 2^-14. */
const SIGN = 0x8000_0000;
const INFINITY = 0x7f80_0000;
const LARGEST = 0x477f_e000;
const SMALLEST = 0x3880_0000;
/** The fraction of an f32 has 13 bits more than that of a half, and its exponent is 112 larger. */
const DROPPED = 13;
const REBIAS = 112 << 23;
const LARGEST_HALF = 0x7bff;

export const f16: CompressorDefinition = {
  name: "f16",
  make(options) {
    refuseOptions("compressor f16", options, []);
    return {
      name: "f16",
      bytes: (length) => 2 * length,
      encode(vector, out) {
        const [bits, halves] = [new Uint32Array(vector.buffer, vector.byteOffset, vector.length), halvesIn(out)];
        for (let i = 0; i < vector.length; i++) halves[i] = halfOf(bits[i], vector[i]);
        return 2 * vector.length;
      },
      decode(encoded, out) {
        const [halves, values] = [halvesIn(encoded), tableOfHalves()];
        for (let i = 0; i < out.length; i++) out[i] = values[halves[i]];
      },
    };
  },
};

const halvesIn = ({ buffer, byteOffset, length }: Uint8Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, length >> 1);

/** The same as `toFloat16`, ten times as fast. Numbers that are not finite are left to `toFloat16`. */
function halfOf(bits: number, value: number): number {
  const size = bits & ~SIGN;
  const sign = (bits & SIGN) >>> 16;
  if (size >= INFINITY) return toFloat16(value);
  // A multiple of the smallest half. A float64 of 2^52 has no fraction, so the sum is rounded to a whole number.
  if (size < SMALLEST) return sign | (Math.abs(value) * 2 ** 24 + 2 ** 52 - 2 ** 52);
  if (size > LARGEST) return sign | LARGEST_HALF;
  const isOdd = (size >>> DROPPED) & 1;
  const half = 2 ** (DROPPED - 1);
  return sign | ((size - REBIAS + half - 1 + isOdd) >>> DROPPED);
}

let table: Float32Array | undefined;

/** The values of all halves. */
function tableOfHalves(): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromFloat16(bits));
  return table;
}
