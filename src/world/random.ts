/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna 2018), its state filled by splitmix32 from a seed and any
 * number of stream numbers. `new Random(seed, a, b)` is a pure function of its arguments: "the noise of image 17" or
 * "the weights of layer 3" is an address, not a position in a shared sequence.
 */

/** A well-mixed 32-bit hash of whole numbers. */
export function hash(...words: number[]): number {
  let state = 0x9e3779b9;
  for (const word of words) {
    // A number above 32 bits counts in both halves.
    state = mix((state ^ (word >>> 0)) + 0x9e3779b9);
    state = mix((state ^ (Math.floor(word / 2 ** 32) >>> 0)) + 0x85ebca6b);
  }
  return state;
}

function mix(value: number): number {
  let z = value >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/**
 * A stream of random numbers that is a pure function of its seed and stream numbers.
 * @example
 * ```ts
 * import { Random } from "dawnpour";
 *
 * const [one, other] = [new Random(7), new Random(7)];
 * console.log(one.uniform() === other.uniform(), one.below(10) < 10); // true true
 * ```
 */
export class Random {
  readonly #state = new Uint32Array(4);
  #spareNormal: number | undefined;

  /** The stream at an address: a seed, and any whole numbers after it. */
  constructor(seed: number, ...stream: number[]) {
    // Four hashes, not one stretched to four words: two streams whose first hash is equal still differ in the
    // others.
    for (let i = 0; i < 4; i++) {
      this.#state[i] = hash(i, seed, ...stream);
    }
    // The all-zero state is the one xoshiro never leaves.
    this.#state[0] |= 1;
  }

  /** Uniform over the whole numbers of 32 bits. */
  bits(): number {
    const s = this.#state;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number, uniform in [0, bound), without modulo bias. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal, by the polar method of Marsaglia. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        this.#spareNormal = v * factor;
        return u * factor;
      }
    }
  }

  /** `count` different whole numbers of [0, bound), in random order. */
  sample(bound: number, count: number): number[] {
    const swapped = new Map<number, number>();
    return Array.from({ length: count }, (_, i) => {
      const j = i + this.below(bound - i);
      const picked = swapped.get(j) ?? j;
      swapped.set(j, swapped.get(i) ?? i);
      return picked;
    });
  }
}
