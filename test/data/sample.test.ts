import { expect, it } from "vitest";
import { sampleSplit } from "../../src/data/dataset.js";

const split = (count: number) => ({
  images: Float32Array.from({ length: 2 * count }, (_, i) => Math.floor(i / 2)),
  labels: Uint8Array.from({ length: count }, (_, i) => i),
  ...{ count, features: 2, scale: 1 },
});

it("takes rows from everywhere, in their order, whole and with their labels", () => {
  const sample = sampleSplit(split(200), 20);
  const rows = Array.from({ length: 20 }, (_, i) => sample.images[2 * i]);
  expect(sample).toMatchObject({ count: 20, features: 2, scale: 1 });
  expect([...sample.images]).toEqual(rows.flatMap((row) => [row, row]));
  expect([...(sample.labels ?? [])]).toEqual(rows);
  for (const [i, row] of rows.entries()) expect(Math.floor(row / 10)).toBe(i);
});

it("does not take each n-th row: data sets may repeat with that period", () => {
  const { images } = sampleSplit(split(200), 20);
  expect(new Set(Array.from({ length: 20 }, (_, i) => images[2 * i] % 10)).size).toBeGreaterThan(5);
});

it("is the same each time, and the split itself where that has no more rows", () => {
  expect(sampleSplit(split(50), 7).images).toEqual(sampleSplit(split(50), 7).images);
  const small = split(5);
  expect(sampleSplit(small, 5)).toBe(small);
});
