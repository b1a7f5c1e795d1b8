/**
 * A byte an element: a whole multiple of a scale. Each block of 256 elements has a scale of its own. After Dettmers 2015, "8-Bit
 * Approximations for Parallelism in Deep Learning" (linear quantization). An element is rounded to the nearest multiple, without
 * random numbers.
 *
 *     scale = f32(max |x_i| / 127) over the block;   q_i = round(x_i / scale), a half upwards;   decoded = f32(scale q_i)
 */
import { refuseOptions } from "../../choice.js";
import { asIsWhereShorter } from "./as-is.js";
import type { CompressorDefinition } from "./compressor.js";

const BLOCK = 256;
const LARGEST = 127;

export const int8: CompressorDefinition = {
  name: "int8",
  make(options) {
    refuseOptions("compressor int8", options, []);
    return asIsWhereShorter({
      name: "int8",
      differences: true,
      bytes: (length) => 4 * Math.ceil(length / BLOCK) + length,
      encode(vector, out) {
        const [scales, numbers] = areasOf(out, vector.length);
        for (let block = 0; block < scales.length; block++) {
          const scale = scaleOf(vector, block);
          scales[block] = scale;
          const end = Math.min(vector.length, (block + 1) * BLOCK);
          for (let i = block * BLOCK; i < end; i++) {
            // The scale is rounded, so the quotient of the largest element may differ a little from 127.
            const quotient = scale > 0 ? Math.floor(vector[i] / scale + 0.5) : 0;
            numbers[i] = Math.max(-LARGEST, Math.min(LARGEST, quotient));
          }
        }
        return out.length;
      },
      decode(encoded, out) {
        const [scales, numbers] = areasOf(encoded, out.length);
        for (let i = 0; i < out.length; i++) out[i] = scales[Math.floor(i / BLOCK)] * numbers[i];
      },
    });
  },
};

/** The scales of the blocks, then the numbers. */
const areasOf = ({ buffer, byteOffset }: Uint8Array, length: number): [Float32Array, Int8Array] => {
  const blocks = Math.ceil(length / BLOCK);
  return [new Float32Array(buffer, byteOffset, blocks), new Int8Array(buffer, byteOffset + 4 * blocks, length)];
};

/** NaN if an element of the block is not finite, so that the whole block is NaN. */
function scaleOf(vector: Float32Array, block: number): number {
  let largest = 0;
  for (let i = block * BLOCK; i < Math.min(vector.length, (block + 1) * BLOCK); i++) {
    largest = Math.max(largest, Math.abs(vector[i]));
  }
  return Number.isFinite(largest) ? Math.fround(largest / LARGEST) : Number.NaN;
}
