/**
 * The tree sum of a collective, one part after the other: neighbours are added as soon as both are there. It has the
 * bits of the sum of all parts at once, and holds only as many vectors as the tree is high.
 */
import type { Collective } from "../collective/collective.js";

/** A sum of 2^level neighbouring parts. */
interface Partial {
  readonly level: number;
  readonly vector: Float32Array;
}

export class RunningSum {
  readonly #collective: Collective;
  readonly #length: number;
  /** Their levels fall, as the digits of a binary number do. */
  #partials: Partial[] = [];
  readonly #free: Float32Array[] = [];

  constructor(collective: Collective, length: number) {
    this.#collective = collective;
    this.#length = length;
  }

  /** A vector to fill, for `add`. */
  next(): Float32Array {
    return this.#free.pop() ?? new Float32Array(this.#length);
  }

  /** Adds the next part. @param part from `next`; the caller must not use it any more */
  async add(part: Float32Array): Promise<void> {
    let sum: Partial = { level: 0, vector: part };
    for (let last = this.#partials.at(-1); last?.level === sum.level; last = this.#partials.at(-1)) {
      this.#partials.pop();
      sum = { level: sum.level + 1, vector: await this.#sum(last.vector, sum.vector) };
    }
    this.#partials.push(sum);
  }

  /** `out` = the sum of the parts since the last `finish`; at least one. */
  async finish(out: Float32Array): Promise<void> {
    const vectors = this.#partials.map(({ vector }) => vector);
    this.#partials = [];
    while (vectors.length > 2) {
      const [left, right] = vectors.splice(-2);
      vectors.push(await this.#sum(left, right));
    }
    await this.#collective.sum(vectors, out);
    this.#free.push(...vectors);
  }

  /** Forgets the parts. */
  clear(): void {
    this.#free.push(...this.#partials.splice(0).map(({ vector }) => vector));
  }

  async #sum(left: Float32Array, right: Float32Array): Promise<Float32Array> {
    const out = this.next();
    await this.#collective.sum([left, right], out);
    this.#free.push(left, right);
    return out;
  }
}
