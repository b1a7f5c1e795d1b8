import { expect, it } from "vitest";
import { evaluatedRows } from "../../src/training/evaluate.js";

const split = (count: number) => ({ images: new Float32Array(count), count, features: 1, scale: 1 });

it.each([
  [60_000, 10_000, 5000],
  [60_000, 2000, 2000],
  [3600, 40, 1000],
  [360, 40, 360],
])("of %i training rows, beside %i to test on, measures %i", (train, test, rows) => {
  expect(evaluatedRows({ train: split(train), test: split(test) }).count).toBe(rows);
});
