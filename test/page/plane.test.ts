/** Codes on a plane do not jump when the axes turn, swap or flip. */
import { expect, it } from "vitest";
import { planeOf } from "../../src/page/plane.js";
import { Random } from "../../src/world/random.js";

const random = new Random(3);
const codes = (size: number): Float32Array =>
  Float32Array.from({ length: 60 * size }, (_, i) => random.normal() * (1 + (i % size)));

it.each([
  ["turned", (x: number, y: number) => [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y]],
  ["mirrored", (x: number, y: number) => [-x, y]],
  ["swapped", (x: number, y: number) => [y, x]],
])("codes that are only %s stay where they are", (_, change) => {
  const flat = codes(2);
  const before = planeOf(flat, 2);
  const changed = Float32Array.from(flat, (_, i) => change(flat[i - (i % 2)], flat[i - (i % 2) + 1])[i % 2]);
  const after = planeOf(changed, 2, before);
  // Turned points fill the square otherwise: up to one factor the places are the same.
  const factor = before[0] / after[0];
  for (const [i, at] of after.entries()) expect(factor * at).toBeCloseTo(before[i], 4);
  expect(factor).toBeGreaterThan(0);
});

it("codes of any size lie in the square", () => {
  for (const size of [1, 2, 5]) {
    const plane = planeOf(codes(size), size);
    expect(plane).toHaveLength(120);
    expect(Math.max(...plane.map(Math.abs))).toBeCloseTo(1, 6);
  }
  expect(planeOf(new Float32Array(6), 2, [0, 0, 0, 0, 0, 0])).toEqual([0, 0, 0, 0, 0, 0]);
});
