/** Robust rules compared with the most obvious code, and what they withstand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { robust } from "../../../src/strategies/robust/robust.js";
import { robustRule } from "../../../src/strategies/robust/rules.js";
import type { Reduction } from "../../../src/strategies/rounds/reduction.js";
import { course, meanGradient, PARTS, RATE, RUN } from "../quadratic.js";

type Vector = number[];

const apply = async (rule: string, vectors: Vector[], faulty: number): Promise<Vector> => {
  const reduce = { parts: [...vectors.keys()], each: async (part: number) => Float32Array.from(vectors[part]) };
  return [...(await robustRule("some", { rule, faulty }, "rule", vectors.length)(reduce as unknown as Reduction))];
};

const column = (vectors: Vector[], i: number): number[] => vectors.map((vector) => vector[i]).sort((a, b) => a - b);
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const distance = (a: Vector, b: Vector): number => Math.hypot(...a.map((value, i) => value - b[i]));
const meanVector = (vectors: Vector[]): Vector => vectors[0].map((_, i) => mean(vectors.map((vector) => vector[i])));

/** The definitions, for vectors of two elements. */
const reference: Record<string, (vectors: Vector[], f: number) => Vector> = {
  median: (vectors) =>
    [0, 1].map((i) => {
      const sorted = column(vectors, i);
      const half = sorted.length / 2;
      return Number.isInteger(half) ? mean([sorted[half - 1], sorted[half]]) : sorted[Math.floor(half)];
    }),
  "trimmed-mean": (vectors, f) => [0, 1].map((i) => mean(column(vectors, i).slice(f, vectors.length - f))),
  krum: (vectors, f) => vectors[ranked(vectors, f)[0]],
  "multi-krum": (vectors, f) =>
    meanVector(
      ranked(vectors, f)
        .slice(0, vectors.length - f)
        .map((i) => vectors[i]),
    ),
  "norm-bound": (vectors) => {
    const lengths = vectors.map((vector) => Math.hypot(...vector));
    const bound = [...lengths].sort((a, b) => a - b)[Math.ceil(lengths.length / 2) - 1];
    return meanVector(
      vectors.map((vector, k) => vector.map((value) => value * Math.min(1, bound / (lengths[k] || 1)))),
    );
  },
};

function ranked(vectors: Vector[], f: number): number[] {
  const score = (k: number): number =>
    vectors
      .filter((_, j) => j !== k)
      .map((other) => other.reduce((sum, value, i) => sum + (value - vectors[k][i]) ** 2, 0))
      .sort((a, b) => a - b)
      .slice(0, vectors.length - f - 2)
      .reduce((sum, one) => sum + one, 0);
  const scores = vectors.map((_, k) => score(k));
  return [...scores.keys()].sort((a, b) => scores[a] - scores[b]);
}

const vectors = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 })), {
  minLength: 5,
  maxLength: 9,
}) as unknown as fc.Arbitrary<Vector[]>;

describe("a robust rule", () => {
  it.each(Object.keys(reference))("%s is its definition", async (rule) => {
    await fc.assert(
      fc.asyncProperty(vectors, async (given) => {
        const actual = await apply(rule, given, 1);
        for (const [i, value] of reference[rule](given, 1).entries()) expect(actual[i]).toBeCloseTo(value, 3);
      }),
    );
  });

  it("geometric-median has the least sum of distances, but for what its rounds leave", async () => {
    await fc.assert(
      fc.asyncProperty(vectors, async (given) => {
        const z = await apply("geometric-median", given, 1);
        const sum = (at: Vector): number => given.reduce((total, vector) => total + distance(at, vector), 0);
        for (const step of [1, -1]) {
          expect(sum(z)).toBeLessThan(1.005 * sum([z[0] + step, z[1]]) + 0.05);
          expect(sum(z)).toBeLessThan(1.005 * sum([z[0], z[1] + step]) + 0.05);
        }
      }),
    );
  });

  it.each([...Object.keys(reference).filter((rule) => rule !== "norm-bound"), "geometric-median"])(
    "%s withstands one of seven that sends anything",
    async (rule) => {
      const sound = [0, 1, 2, 3, 4, 5].map((k) => [Math.sin(k), Math.cos(k)]);
      for (const poison of [[1e9, -1e9], [-1e30, 0], sound[0].map((value) => -100 * value)]) {
        for (const at of [0, 3, 6]) {
          const all = [...sound.slice(0, at), poison, ...sound.slice(at)];
          expect(Math.hypot(...(await apply(rule, all, 1)))).toBeLessThan(1.5);
          expect(Math.hypot(...meanVector(all))).toBeGreaterThan(10);
        }
      }
    },
  );

  it("norm-bound keeps a poisoned one as short as the others", async () => {
    const sound = [0, 1, 2, 3].map((k) => [Math.sin(k), Math.cos(k)]);
    expect(Math.hypot(...(await apply("norm-bound", [...sound, [1e9, 1e9]], 1)))).toBeLessThan(1);
  });

  it.each([
    ["median", 7, 3],
    ["trimmed-mean", 7, 3],
    ["krum", 7, 2],
    ["multi-krum", 8, 2],
    ["geometric-median", 8, 3],
  ])("%s of %i is refused with more than %i faulty ones", async (rule, count, most) => {
    expect(() => robustRule("some", { rule, faulty: most }, "rule", count)).not.toThrow();
    expect(() => robustRule("some", { rule, faulty: most + 1 }, "rule", count)).toThrow(
      `strategy some: ${rule} of ${count} contributions withstands ${most} at most, got faulty=${most + 1}: have more contributions`,
    );
  });
});

it("robust: a step by the median of the gradients of the parts", async () => {
  let w = [1, 1];
  const expected = [0, 1, 2, 3].map((step) => {
    const gradients = Array.from({ length: PARTS }, (_, part) => meanGradient(w, RUN.rows(step, 1, part)));
    w = w.map((value, i) => value - RATE * column(gradients, i)[1]);
    return w;
  });
  const actual = await course(robust, {}, 4);
  for (const [round, vector] of expected.entries()) {
    for (const [i, value] of vector.entries()) expect(actual[round][i]).toBeCloseTo(value, 5);
  }
});
