/**
 * The `share` of all elements that is largest by absolute value; of equally large elements the first. After Lin et al. 2018, "Deep
 * Gradient Compression: Reducing the Communication Bandwidth for Distributed Training". Elements that are not sent stay in the
 * residual v.
 *
 *     g = gradient, scaled down to a norm of clip / sqrt(parts);   u = momentum u + g;   v = v + u
 *     the k largest of v are sent; there u = 0 and v = 0 (momentum factor masking)
 *
 * `momentum` replaces the optimizer's momentum (momentum correction), so the optimizer must have none. `warmup` is a number of
 * steps. In its first quarter 25 % of the elements are sent, and in each further quarter a fourth of the quarter before, but never
 * less than `share`.
 *
 * The encoding has the number of elements, their values, and for each element the distance from the index before, 7 bits in a byte.
 */
import { numberOption, refuseOptions, wholeOption } from "../../choice.js";
import { asIsWhereShorter } from "./as-is.js";
import type { CompressorDefinition } from "./compressor.js";
import { largest } from "./largest.js";

const OWNER = "compressor topk";
/** The share of elements at the beginning of a warm-up, and the number of its stages. */
const [FIRST_SHARE, STAGES] = [0.25, 4];

export const topk: CompressorDefinition = {
  name: "topk",
  main: "share",
  make(options, { parts }) {
    refuseOptions(OWNER, options, ["share", "momentum", "clip", "warmup"]);
    const share = numberOption(OWNER, options, "share", 0.01, [1e-6, 1]);
    const momentum = numberOption(OWNER, options, "momentum", 0, [0, 0.999]);
    const clip = numberOption(OWNER, options, "clip", 0, [0, 1e6]);
    const warmup = wholeOption(OWNER, options, "warmup", 0, [0, 1e9]);
    const most = warmup > 0 ? Math.max(FIRST_SHARE, share) : share;
    return asIsWhereShorter({
      name: "topk",
      differences: true,
      ...(momentum > 0 && { local: ["momentum"] }),
      bytes: (length) => mostBytes(countOf(most, length), length),
      prepare(contribution, { local }) {
        if (clip > 0) scaleTo(contribution, clip / Math.sqrt(parts));
        if (momentum > 0) accumulate(contribution, local.momentum, momentum);
      },
      encode(vector, out, { step, local }) {
        const indices = largest(vector, countOf(shareAt(step, share, warmup), vector.length));
        if (momentum > 0) for (const i of indices) local.momentum[i] = 0;
        return pack(vector, indices, out);
      },
      decode: unpack,
    });
  },
};

const countOf = (share: number, length: number): number => Math.max(1, Math.round(share * length));

/** The share of elements that is sent in a step: FIRST_SHARE, divided by 4 at each stage of the warm-up. */
function shareAt(step: number, share: number, warmup: number): number {
  if (step >= warmup) return share;
  let now = FIRST_SHARE;
  for (let stage = Math.floor((STAGES * step) / warmup); stage > 0; stage--) now /= 4;
  return Math.max(share, now);
}

/** Scales a vector down to `norm`, if its norm is larger. */
function scaleTo(vector: Float32Array, norm: number): void {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] * vector[i];
  const factor = norm / Math.sqrt(sum);
  if (factor < 1) for (let i = 0; i < vector.length; i++) vector[i] *= factor;
}

/** u = momentum u + g, and the contribution becomes u. */
function accumulate(contribution: Float32Array, u: Float32Array, momentum: number): void {
  const factor = Math.fround(momentum);
  for (let i = 0; i < u.length; i++) {
    u[i] = Math.fround(Math.fround(factor * u[i]) + contribution[i]);
    contribution[i] = u[i];
  }
}

/** The most bytes of an encoding: a distance takes one byte for each 7 bits. */
function mostBytes(count: number, length: number): number {
  let bytes = 4 + 5 * count;
  for (let longer = 128; longer <= length; longer *= 128) bytes += Math.min(count, Math.floor(length / longer));
  return bytes;
}

function pack(vector: Float32Array, indices: Uint32Array, out: Uint8Array): number {
  const { buffer, byteOffset } = out;
  new Uint32Array(buffer, byteOffset, 1)[0] = indices.length;
  const values = new Float32Array(buffer, byteOffset + 4, indices.length);
  let [at, before] = [4 + 4 * indices.length, 0];
  for (let i = 0; i < indices.length; i++) {
    values[i] = vector[indices[i]];
    let distance = indices[i] - before;
    before = indices[i];
    for (; distance >= 128; distance >>>= 7) out[at++] = (distance & 127) | 128;
    out[at++] = distance;
  }
  return at;
}

function unpack(encoded: Uint8Array, out: Float32Array): void {
  const { buffer, byteOffset } = encoded;
  const [count] = new Uint32Array(buffer, byteOffset, 1);
  const values = new Float32Array(buffer, byteOffset + 4, count);
  out.fill(0);
  let [at, index] = [4 + 4 * count, 0];
  for (let i = 0; i < count; i++) {
    let shift = 0;
    for (; encoded[at] >= 128; at++, shift += 7) index += (encoded[at] & 127) << shift;
    index += encoded[at++] << shift;
    out[index] = values[i];
  }
}
