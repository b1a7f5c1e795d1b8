/**
 * One bit an element: its sign. After Seide et al. 2014, "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel
 * Distributed Training of Speech DNNs". Each of the two values is the mean of the elements that it replaces, which has the least
 * squared error. The paper has a pair of values for each column of a matrix. Here each block of 1024 elements has a pair.
 *
 *     decoded_i = mean of the x_j >= 0 of its block where x_i >= 0, else mean of the x_j < 0
 */
import { refuseOptions } from "../../choice.js";
import { asIsWhereShorter } from "./as-is.js";
import type { CompressorDefinition } from "./compressor.js";

const BLOCK = 1024;

export const onebit: CompressorDefinition = {
  name: "onebit",
  make(options) {
    refuseOptions("compressor onebit", options, []);
    return asIsWhereShorter({
      name: "onebit",
      differences: true,
      bytes: (length) => 8 * Math.ceil(length / BLOCK) + Math.ceil(length / 8),
      encode(vector, out) {
        const [means, signs] = areasOf(out, vector.length);
        for (let block = 0; 2 * block < means.length; block++) means.set(meansOf(vector, block), 2 * block);
        signs.fill(0);
        for (let i = 0; i < vector.length; i++) if (vector[i] < 0) signs[i >> 3] |= 1 << (i & 7);
        return out.length;
      },
      decode(encoded, out) {
        const [means, signs] = areasOf(encoded, out.length);
        for (let i = 0; i < out.length; i++) {
          out[i] = means[2 * Math.floor(i / BLOCK) + ((signs[i >> 3] >> (i & 7)) & 1)];
        }
      },
    });
  },
};

/** The two values of each block, then a bit for each element: 1 where it is negative. */
const areasOf = ({ buffer, byteOffset }: Uint8Array, length: number): [Float32Array, Uint8Array] => {
  const values = 2 * Math.ceil(length / BLOCK);
  return [
    new Float32Array(buffer, byteOffset, values),
    new Uint8Array(buffer, byteOffset + 4 * values, Math.ceil(length / 8)),
  ];
};

/** The mean of the elements that are not negative, NaN included, and the mean of the negative ones. */
function meansOf(vector: Float32Array, block: number): [number, number] {
  let [sum, count, negativeSum, negativeCount] = [0, 0, 0, 0];
  for (let i = block * BLOCK; i < Math.min(vector.length, (block + 1) * BLOCK); i++) {
    if (vector[i] < 0) {
      negativeSum += vector[i];
      negativeCount++;
    } else {
      sum += vector[i];
      count++;
    }
  }
  return [sum / Math.max(1, count), negativeSum / Math.max(1, negativeCount)];
}
