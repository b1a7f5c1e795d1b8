/** Pictures are drawn between the least and the greatest value of the data. Its colours may be interleaved or in planes. */
import { decode } from "fast-png";
import { expect, it } from "vitest";
import { comparisonPng, filtersOf, picturesOf } from "../../src/report/pictures.js";

it("draws between the ends of the data's range", () => {
  const { pixels } = picturesOf({ shape: [1, 3], range: [-2, 2] }, Float32Array.of(-2, 0, 2));
  expect([...pixels]).toEqual([0, 0.5, 1]);
  expect([...picturesOf({ shape: [1, 2] }, Float32Array.of(0.25, 1)).pixels]).toEqual([0.25, 1]);
});

it.each([
  ["beside one another", { channels: 3, planar: false } as const, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  ["in planes", { channels: 3, planar: true } as const, [1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]],
  [
    "with a fourth that is not drawn",
    { channels: 4, planar: false } as const,
    [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 10, 11, 12, 0],
  ],
])("takes colours that lie %s", (_, colour, values) => {
  const set = picturesOf({ shape: [1, 2], colour }, Float32Array.from(values));
  expect(set).toMatchObject({ width: 2, height: 1, channels: 3 });
  expect([...set.pixels]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

it("writes pictures in colour", () => {
  const colour = { channels: 3, planar: true } as const;
  const rows = Float32Array.of(1, 0, 0, 1, 0, 0.2, 0, 0, 0, 0, 1, 1);
  const { width, height, data } = decode(comparisonPng({ shape: [1, 2], colour }, [rows, rows]));
  // Two pictures of 2 x 1 pixels side by side, three times as large, above the same two; 4 pixels apart.
  expect([width, height]).toEqual([2 * 6 + 4, 2 * 3 + 4]);
  const at = (x: number) => [...data.slice(4 * x, 4 * x + 3)];
  expect([at(0), at(3), at(10)]).toEqual([
    [255, 0, 0],
    [0, 255, 51],
    [0, 0, 255],
  ]);
});

it("shows what a unit looks for in pictures of several colours on the whole", () => {
  // One pixel, three colours, two units.
  const weight = Float32Array.of(3, 1, 0, 1, 0, 1);
  const { pixels } = filtersOf({ shape: [1, 1], colour: { channels: 3, planar: false } }, weight, 2, 2);
  expect([...pixels]).toEqual([1, 1]);
});
