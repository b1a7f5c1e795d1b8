/**
 * Random numbers for privacy, from ChaCha20 (RFC 8439, @noble/ciphers) and a key of 32 bytes. Noise that comes from the seed of a
 * run would hide nothing: a seed is in the record. Each use in each round has a nonce of its own, so a round that is computed
 * again, or by another worker, has the same numbers, and no state has to be kept.
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { DawnpourError } from "../error.js";

/** Bytes of a key. */
export const KEY_BYTES = 32;

/** What numbers are for. */
const [SAMPLE, NOISE] = [1, 2];

/** The random numbers of a run. */
export class KeyStream {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) {
      throw new DawnpourError(`a key for private training has ${KEY_BYTES} bytes, got ${key.length}`);
    }
    this.#key = key;
  }

  /** Those of the numbers below `count` that take part in a round: each with probability `rate`, by itself (Poisson sampling). */
  sample(round: number, count: number, rate: number): Uint32Array {
    // 53 bits: the probability is right to 2^-53.
    const words = this.#words(SAMPLE, round, 2 * count);
    const chosen: number[] = [];
    for (let i = 0; i < count; i++) if (uniform(words, i) < rate) chosen.push(i);
    return Uint32Array.from(chosen);
  }

  /** Draws from the standard normal distribution (Box & Muller 1958). */
  normals(round: number, count: number): Float64Array {
    const pairs = Math.ceil(count / 2);
    const words = this.#words(NOISE, round, 4 * pairs);
    const all = new Float64Array(2 * pairs);
    for (let i = 0; i < pairs; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform(words, 2 * i)));
      const angle = 2 * Math.PI * uniform(words, 2 * i + 1);
      all[2 * i] = radius * Math.cos(angle);
      all[2 * i + 1] = radius * Math.sin(angle);
    }
    return all.subarray(0, count);
  }

  #words(use: number, round: number, count: number): Uint32Array {
    const nonce = new Uint8Array(12);
    const view = new DataView(nonce.buffer);
    view.setUint32(0, use, true);
    view.setBigUint64(4, BigInt(round), true);
    return new Uint32Array(chacha20(this.#key, nonce, new Uint8Array(4 * count)).buffer);
  }
}

/** The i-th number in [0, 1), of 53 bits. */
const uniform = (words: Uint32Array, i: number): number =>
  ((words[2 * i] >>> 5) * 2 ** 26 + (words[2 * i + 1] >>> 6)) / 2 ** 53;
