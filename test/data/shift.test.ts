import { expect, it } from "vitest";
import type { Split } from "../../src/data/dataset.js";
import { withShiftedCopies } from "../../src/data/shift.js";

const split = (images: Uint8Array | Float32Array): Split => ({
  ...{ images, count: 2, features: 6, scale: 1, shape: [2, 3] as const, labels: Uint8Array.of(7, 8) },
});

it("adds every picture moved by one pixel in four directions", () => {
  for (const type of [Uint8Array, Float32Array]) {
    const all = withShiftedCopies(split(type.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16)));
    expect(all.count).toBe(10);
    const pictures = Array.from({ length: 10 }, (_, i) => [...all.images.subarray(6 * i, 6 * i + 6)]);
    expect(pictures.filter((_, i) => i % 2 === 0)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [2, 3, 0, 5, 6, 0],
      [0, 1, 2, 0, 4, 5],
      [4, 5, 6, 0, 0, 0],
      [0, 0, 0, 1, 2, 3],
    ]);
    expect(pictures[9]).toEqual([0, 0, 0, 11, 12, 13]);
    expect([...(all.labels ?? [])]).toEqual([7, 8, 7, 8, 7, 8, 7, 8, 7, 8]);
  }
});

it("is refused for rows that are no pictures", () => {
  const { shape: _, ...rows } = split(new Uint8Array(12));
  expect(() => withShiftedCopies(rows)).toThrow(/no height and width/);
});
