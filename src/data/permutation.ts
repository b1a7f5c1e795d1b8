/**
 * A seeded permutation of 0 .. count-1 that is computed, not stored: any entry in O(1), without memory.
 *
 * A Feistel network permutes the pairs (left, right) of an a x b grid just large enough for `count` numbers; a result
 * outside of them is permuted again until it is one of them (cycle walking), which keeps the map one to one. Black &
 * Rogaway, "Ciphers with Arbitrary Finite Domains", 2002, section 5: the generalized Feistel cipher.
 */
import { hash } from "../world/random.js";

/**
 * Four are enough with an ideal round function on a large grid (Luby & Rackoff 1988). With this light one on a grid of
 * 10 x 10, neighbours still show a bias after six and none after eight.
 */
const ROUNDS = 8;

export class Permutation {
  readonly count: number;
  /** Sides of the grid: number = left + columns * right, columns * rows >= count. */
  readonly #columns: number;
  readonly #rows: number;
  readonly #keys: Uint32Array;

  /** @param count whole, from 1 to 2^32 - 1 */
  constructor(count: number, seed: number, ...stream: number[]) {
    this.count = count;
    this.#columns = Math.ceil(Math.sqrt(count));
    this.#rows = Math.ceil(count / this.#columns);
    this.#keys = Uint32Array.from({ length: ROUNDS }, (_, round) => hash(seed, ...stream, round));
  }

  /** The image of `index`. */
  at(index: number): number {
    let image = index;
    do {
      image = this.#scramble(image);
    } while (image >= this.count);
    return image;
  }

  /** A one-to-one map of the grid: each half step adds to one half a function of the other half. */
  #scramble(index: number): number {
    const columns = this.#columns;
    const rows = this.#rows;
    let left = index % columns;
    let right = (index - left) / columns;
    for (let round = 0; round < ROUNDS; round += 2) {
      // The sums stay below 2^32; with `>>> 0` the compiler divides integers, which is three times as fast.
      left = ((left + scatter(right ^ this.#keys[round])) >>> 0) % columns;
      right = ((right + scatter(left ^ this.#keys[round + 1])) >>> 0) % rows;
    }
    return left + columns * right;
  }
}

/** A mixer of 32 bits (the finalizer of MurmurHash3), the upper 31 of them kept. */
function scatter(value: number): number {
  let z = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 1;
}
