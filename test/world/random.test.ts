import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash, Random } from "../../src/world/random.js";

const DRAWS = 100_000;

function draws(draw: (random: Random) => number): number[] {
  const random = new Random(7);
  return Array.from({ length: DRAWS }, () => draw(random));
}

function moment(values: readonly number[], power: number): number {
  return values.reduce((sum, value) => sum + value ** power, 0) / values.length;
}

/** The sum of squared deviations from equal counts, divided by their variance. It should be close to the number of cells. */
function chiSquare(values: readonly number[], cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) {
    counts[value]++;
  }
  const even = values.length / cells;
  return counts.reduce((sum, count) => sum + (count - even) ** 2 / even, 0);
}

describe("Random", () => {
  it("repeats from the same seed and stream", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(), { maxLength: 3 }), (seed, stream) => {
        const [a, b] = [new Random(seed, ...stream), new Random(seed, ...stream)];
        expect([a.bits(), a.uniform(), a.normal(), a.below(9)]).toEqual([
          b.bits(),
          b.uniform(),
          b.normal(),
          b.below(9),
        ]);
      }),
    );
  });

  it("gives every stream its own numbers: no two of 300,000 start alike", () => {
    const starts = new Set<number>();
    for (let stream = 0; stream < 300_000; stream++) {
      starts.add(new Random(1, stream >> 1, stream & 1).uniform());
    }
    expect(starts.size).toBe(300_000);
  });

  it("tells the order and the number of stream numbers apart, and those above 32 bits", () => {
    const seeds = [[1], [1, 0], [0, 1], [1, 2], [2, 1], [1, 0, 0], [2 ** 32 + 1], [-1]];
    expect(new Set(seeds.map((words) => hash(...words))).size).toBe(seeds.length);
    expect(new Set(seeds.map(([seed, ...stream]) => new Random(seed, ...stream).bits())).size).toBe(seeds.length);
  });

  it("flips half the bits of a hash when one bit of its input flips", () => {
    let flips = 0;
    for (let word = 0; word < 500; word++) {
      for (let bit = 0; bit < 32; bit++) {
        let difference = hash(3, word) ^ hash(3, (word ^ (1 << bit)) >>> 0);
        for (; difference !== 0; difference &= difference - 1) {
          flips++;
        }
      }
    }
    expect(flips / (500 * 32)).toBeCloseTo(16, 0);
  });

  it("is uniform in [0, 1)", () => {
    const values = draws((random) => random.uniform());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(moment(values, 1)).toBeCloseTo(1 / 2, 2);
    expect(moment(values, 2)).toBeCloseTo(1 / 3, 2);
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    const cells = values.map((value) => Math.floor(256 * value));
    expect(Math.abs(chiSquare(cells, 256) - 255)).toBeLessThan(5 * 22.6);
  });

  it("has independent successive draws", () => {
    const values = draws((random) => random.uniform());
    const pairs = values.slice(1).map((value, i) => 16 * Math.floor(16 * values[i]) + Math.floor(16 * value));
    expect(Math.abs(chiSquare(pairs, 256) - 255)).toBeLessThan(5 * 22.6);
  });

  it("has independent first draws in neighbouring streams", () => {
    const values = Array.from({ length: DRAWS }, (_, stream) => Math.floor(256 * new Random(5, stream).uniform()));
    const pairs = values.slice(1).map((value, i) => (values[i] >> 4) * 16 + (value >> 4));
    expect(Math.abs(chiSquare(values, 256) - 255)).toBeLessThan(5 * 22.6);
    expect(Math.abs(chiSquare(pairs, 256) - 255)).toBeLessThan(5 * 22.6);
  });

  it("draws standard normals", () => {
    const values = draws((random) => random.normal());
    expect(moment(values, 1)).toBeCloseTo(0, 1);
    expect(moment(values, 2)).toBeCloseTo(1, 1);
    expect(moment(values, 3)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(0.15);
  });

  it("draws whole numbers below a bound evenly", () => {
    const values = draws((random) => random.below(10));
    expect(values.every((value) => Number.isInteger(value) && value >= 0 && value < 10)).toBe(true);
    expect(chiSquare(values, 10)).toBeLessThan(9 + 5 * Math.sqrt(18));
  });

  it("stays between its bounds", () => {
    const values = draws((random) => random.between(-3, 5));
    expect(values.every((value) => value >= -3 && value < 5)).toBe(true);
    expect(moment(values, 1)).toBeCloseTo(1, 1);
  });

  it("samples different numbers, each equally often in each place", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 200 }), fc.nat(), (seed, bound, count) => {
        const picked = new Random(seed).sample(bound, count % (bound + 1));
        expect(new Set(picked).size).toBe(picked.length);
        expect(picked.every((value) => Number.isInteger(value) && value >= 0 && value < bound)).toBe(true);
      }),
    );
    const random = new Random(11);
    const places = Array.from({ length: 20_000 }, () => random.sample(5, 3)).flatMap((picked) =>
      picked.map((value, place) => 5 * place + value),
    );
    expect(chiSquare(places, 15)).toBeLessThan(14 + 5 * Math.sqrt(28));
  });
});
