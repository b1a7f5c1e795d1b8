/**
 * Random numbers by address: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), which makes four
 * words of 32 bits of a counter of four words and a key of two. No number depends on one that was drawn before.
 */

/** Four words of 32 bits. */
export type Words = readonly [number, number, number, number];

const ROUNDS = 10;
const [FIRST_FACTOR, SECOND_FACTOR] = [0xd2511f53, 0xcd9e8d57];
const [FIRST_STEP, SECOND_STEP] = [0x9e3779b9, 0xbb67ae85];

/** The four words at `counter` under `key`. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [highWord(FIRST_FACTOR, c0), Math.imul(FIRST_FACTOR, c0)];
    const [high1, low1] = [highWord(SECOND_FACTOR, c2), Math.imul(SECOND_FACTOR, c2)];
    [c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0];
    [k0, k1] = [(k0 + FIRST_STEP) | 0, (k1 + SECOND_STEP) | 0];
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** A whole number from 0 to 2^53 as the two words of a key. */
export function keyOf(seed: number): readonly [number, number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** The upper 32 bits of the product of two words. */
function highWord(a: number, b: number): number {
  return Number((BigInt(a >>> 0) * BigInt(b >>> 0)) >> 32n);
}
