import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Permutation } from "../../src/data/permutation.js";
import { partRange, Sampler } from "../../src/data/sampler.js";
import { UsageError } from "../../src/error.js";

/** The first `length` entries of the endless list of rows, batch by batch. */
function stream(sampler: Sampler, length: number): number[] {
  const rows: number[] = [];
  for (let step = 0; rows.length < length; step++) {
    rows.push(...sampler.rows(step));
  }
  return rows.slice(0, length);
}

const sorted = (rows: Iterable<number>): number[] => [...rows].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("Permutation", () => {
  it("is one to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer(), (count, seed) => {
        const permutation = new Permutation(count, seed);
        expect(sorted(upTo(count).map((index) => permutation.at(index)))).toEqual(upTo(count));
      }),
    );
  });

  it("is one to one on the largest sets too, as far as a sample shows", () => {
    for (const count of [60_000, 2 ** 31 + 11, 2 ** 32 - 1]) {
      const permutation = new Permutation(count, 3);
      const images = upTo(50_000).map((i) => permutation.at(count - 1 - i));
      expect(new Set(images).size).toBe(50_000);
      expect(images.every((image) => Number.isInteger(image) && image >= 0 && image < count)).toBe(true);
    }
  });

  it("sends every index everywhere equally often, and neighbours independently of one another", () => {
    const count = 100;
    const trials = 20_000;
    const places = new Uint32Array(count * count);
    const neighbours = new Uint32Array(count * count);
    for (let trial = 0; trial < trials; trial++) {
      const permutation = new Permutation(count, 9, trial);
      const images = upTo(count).map((index) => permutation.at(index));
      images.forEach((image, index) => {
        places[count * index + image]++;
        neighbours[count * image + images[(index + 1) % count]]++;
      });
    }
    const pairs = neighbours.filter((_, pair) => Math.floor(pair / count) !== pair % count);
    for (const cells of [places, pairs]) {
      const even = (trials * count) / cells.length;
      const chiSquare = cells.reduce((sum, times) => sum + (times - even) ** 2 / even, 0);
      expect(Math.abs(chiSquare / cells.length - 1)).toBeLessThan(5 * Math.sqrt(2 / cells.length));
    }
  });

  it("shuffles: about 1 fixed point, and half of the neighbours in descending order", () => {
    const permutation = new Permutation(60_000, 1);
    const images = upTo(60_000).map((index) => permutation.at(index));
    expect(images.filter((image, index) => image === index).length).toBeLessThan(8);
    const descents = images.filter((image, index) => index > 0 && image < images[index - 1]).length;
    expect(Math.abs(descents - 30_000)).toBeLessThan(5 * Math.sqrt(60_000 / 12));
  });
});

describe("Sampler", () => {
  const sizes = { count: fc.integer({ min: 1, max: 300 }), batch: fc.integer({ min: 1, max: 90 }), seed: fc.integer() };

  it("uses every row of every epoch exactly once, whether or not the batch divides it", () => {
    fc.assert(
      fc.property(fc.record(sizes), fc.integer({ min: 1, max: 4 }), (options, epochs) => {
        const rows = stream(new Sampler(options), epochs * options.count);
        for (let epoch = 0; epoch < epochs; epoch++) {
          expect(sorted(rows.slice(epoch * options.count, (epoch + 1) * options.count))).toEqual(upTo(options.count));
        }
      }),
    );
  });

  it("gives the same stream whatever the batch", () => {
    fc.assert(
      fc.property(fc.record(sizes), fc.integer({ min: 1, max: 90 }), (options, batch) => {
        const length = 3 * options.count;
        expect(stream(new Sampler(options), length)).toEqual(stream(new Sampler({ ...options, batch }), length));
      }),
    );
  });

  it("splits a batch into parts that make it up, in order", () => {
    fc.assert(
      fc.property(fc.record(sizes), fc.nat(), fc.nat(1000), (options, extra, step) => {
        const parts = 1 + (extra % options.batch);
        const sampler = new Sampler({ ...options, parts });
        const rows = upTo(parts).map((part) => sampler.rows(step, part));
        expect(rows.flatMap((part) => [...part])).toEqual([...sampler.rows(step)]);
        const lengths = rows.map((part) => part.length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is a pure function: order of calls and a given array do not matter", () => {
    const sampler = new Sampler({ seed: 4, count: 1000, batch: 64 });
    const backwards = [9, 5, 0].map((step) => [...sampler.rows(step)]);
    const fresh = new Sampler({ seed: 4, count: 1000, batch: 64 });
    const out = new Uint32Array(64);
    expect([0, 5, 9].map((step) => [...fresh.rows(step, undefined, out)])).toEqual(backwards.reverse());
    expect(fresh.rows(3, undefined, out)).toBe(out);
  });

  it("gives each epoch and each seed its own order", () => {
    const rows = (seed: number, step: number): string => new Sampler({ seed, count: 50, batch: 50 }).rows(step).join();
    expect(new Set([rows(1, 0), rows(1, 1), rows(1, 2), rows(2, 0), rows(2, 1)]).size).toBe(5);
  });

  it("still answers far into a run", () => {
    const sampler = new Sampler({ seed: 1, count: 60_000, batch: 60_000 });
    expect(sorted(sampler.rows(1e9))).toEqual(upTo(60_000));
  });

  it.each([
    [{ count: 0 }, "sampler: rows of the data set must be a whole number from 1 to 4294967295, got 0"],
    [{ batch: 0 }, "sampler: batch must be a whole number from 1 to 4294967295, got 0"],
    [{ batch: 2.5 }, "sampler: batch must be a whole number from 1 to 4294967295, got 2.5"],
    [{ parts: 9 }, "sampler: parts must be a whole number from 1 to 8, got 9"],
  ])("refuses %o", (wrong, message) => {
    expect(() => new Sampler({ seed: 0, count: 10, batch: 8, ...wrong })).toThrow(UsageError);
    expect(() => new Sampler({ seed: 0, count: 10, batch: 8, ...wrong })).toThrow(message);
  });

  it("refuses steps, parts and arrays that do not fit", () => {
    const sampler = new Sampler({ seed: 0, count: 10, batch: 8, parts: 2 });
    expect(() => sampler.rows(-1)).toThrow("sampler: step must be a whole number from 0");
    expect(() => sampler.rows(0, 2)).toThrow("sampler: part must be a whole number from 0 to 1, got 2");
    expect(() => sampler.rows(0, 0, new Uint32Array(8))).toThrow("sampler: the batch has 4 rows here, got room for 8");
  });
});

describe("partRange", () => {
  it("has fixed boundaries", () => {
    expect(upTo(3).map((part) => partRange(8, 3, part))).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 5 },
      { start: 5, end: 8 },
    ]);
  });
});
