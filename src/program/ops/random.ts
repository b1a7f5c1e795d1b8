import { elements, type View } from "../buffer.js";
import type { OpDefinition } from "../op-definition.js";
import { keyOf, philox, type Words } from "../philox.js";

/** What random numbers look like. */
export const DISTRIBUTIONS = ["uniform", "normal"] as const;

/**
 * Fills `out` with random numbers that depend on nothing but their address: `seed`, `stream`, the step, the row and the column.
 * `position`, u32 `[1, 2]`, holds the step and the place of a first row in its whole batch; `row` is added to that place, so
 * row i of `out` is row `position[1] + row + i`. Whichever part, process or device computes a row, its noise is the same.
 *
 * The words are those of Philox 4x32-10 at the counter (floor(column / 4), row, step, stream) under the key of `seed`; column j
 * takes word j mod 4.
 * - uniform: `floor(word / 2^8) / 2^24`, in [0, 1): the same bits on every device;
 * - normal, with mean 0 and variance 1 (Box & Muller 1958): of the words a and b of a pair,
 *   `sqrt(-2 log((floor(a / 2^8) + 1) / 2^24))` times the cosine, and then the sine, of `2 pi floor(b / 2^8) / 2^24`.
 */
export interface RandomOp {
  readonly kind: "random";
  readonly distribution: (typeof DISTRIBUTIONS)[number];
  /** A whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Tells apart what is drawn at one step: a layer, a use. A whole number from 0 to 2^32 - 1. */
  readonly stream: number;
  /** May be moved by a cursor. */
  readonly position: View;
  /** A whole number from 0 to 2^32 - 1. */
  readonly row: number;
  readonly out: View;
}

export const random: OpDefinition<RandomOp> = {
  name: "random",
  keys: {
    distribution: "required",
    seed: "required",
    stream: "required",
    position: "required",
    row: "required",
    out: "required",
  },
  operands: ({ position, out }) => ({ reads: [position], writes: [out] }),
  movable: ["position"],
  check({ distribution, seed, stream, position, row, out }, rules) {
    rules.known("distribution", distribution, DISTRIBUTIONS);
    rules.wholeFrom("seed", seed, 0);
    for (const [name, word] of Object.entries({ stream, row })) {
      rules.wholeFrom(name, word, 0);
      rules.rule(word < 2 ** 32, `${name} must be below 2^32, got ${word}`);
    }
    rules.type("position", position, "u32");
    rules.shape("position", position, 1, 2);
    rules.f32({ out });
  },
  // Two products and four sums modulo 2^32 a round count nothing, as all arithmetic on row numbers.
  flops: ({ distribution, out }) => (distribution === "normal" ? 5 : 1) * elements(out),
  reference({ distribution, seed, stream, position, row, out: view }, memory) {
    const [step, first] = [memory(position).get(0, 0), memory(position).get(0, 1)];
    const [key, out] = [keyOf(seed), memory(view)];
    const numbers = distribution === "uniform" ? uniform : normal;
    out.each((i, j) => {
      const words = philox([Math.floor(j / 4), (first + row + i) % 2 ** 32, step, stream], key);
      out.set(i, j, numbers(words, j % 4));
    });
  },
};

/** The upper 24 bits of a word, in [0, 1). */
const fraction = (word: number): number => (word >>> 8) / 2 ** 24;

const uniform = (words: Words, index: number): number => fraction(words[index]);

function normal(words: Words, index: number): number {
  const [a, b] = index < 2 ? [words[0], words[1]] : [words[2], words[3]];
  const [radius, angle] = [Math.sqrt(-2 * Math.log(fraction(a) + 2 ** -24)), 2 * Math.PI * fraction(b)];
  return radius * (index % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}
