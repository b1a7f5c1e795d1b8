import fc from "fast-check";
import { expect, it } from "vitest";
import { spread } from "../../../src/report/charts/spread.js";

it("keeps labels apart and in order, within the range where there is room, and where they belong if nothing is in the way", () => {
  const positions = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 10 });
  fc.assert(
    fc.property(positions, (wanted) => {
      const places = spread(wanted, 10, [0, 100]);
      const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
      for (const [i, one] of order.slice(1).entries()) {
        expect(places[one] - places[order[i]]).toBeGreaterThanOrEqual(10 - 1e-9);
      }
      for (const place of places) {
        expect(place).toBeGreaterThanOrEqual(-1e-9);
        expect(place).toBeLessThanOrEqual(100 + 1e-9);
      }
    }),
  );
  expect(spread([90, 10, 50], 10, [0, 100])).toEqual([90, 10, 50]);
  expect(spread([99, 99, 98], 10, [0, 100])).toEqual([90, 100, 80]);
});
