/** Columns are brought to one scale, and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Split } from "../../src/data/dataset.js";
import { allInUnit, columnsOf, fromDeviations, standardise, toDeviations } from "../../src/data/standardise.js";

const split = (images: Split["images"], features: number, scale = 1): Split => ({
  images,
  count: images.length / features,
  features,
  scale,
});

describe("standardised columns", () => {
  it("have mean 0 and deviation 1, or 0 where they never change", () => {
    const made = standardise(split(Float32Array.of(1, 7, 3, 7, 5, 7), 2), { mean: [3, 7], deviation: [2, 1] });
    expect([...made.images]).toEqual([-1, 0, 0, 0, 1, 0]);
    expect(made).toMatchObject({ scale: 1, count: 3, features: 2 });
    expect(columnsOf(split(Float32Array.of(1, 7, 5, 7), 2))).toEqual({ mean: [3, 7], deviation: [2, 1] });
  });

  it("count the scale of stored values in", () => {
    const bytes = split(Uint8Array.of(0, 255), 1, 1 / 255);
    expect(columnsOf(bytes)).toEqual({ mean: [0.5], deviation: [0.5] });
    expect([...standardise(bytes, columnsOf(bytes)).images]).toEqual([-1, 1]);
  });

  it("are not brought to scale twice", () => {
    const table = split(Float32Array.of(1, 5), 1);
    const once = standardise(table, columnsOf(table));
    expect(standardise(once, columnsOf(table))).toBe(once);
  });

  it("come back as they were", () => {
    const value = fc.float({ noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }), (rows) => {
        const values = Float32Array.from(rows.flat());
        const columns = columnsOf(split(values, 2));
        const back = fromDeviations(toDeviations(values, columns), columns);
        back.forEach((found, i) => {
          const spread = Math.abs(columns.mean[i % 2]) + columns.deviation[i % 2];
          expect(Math.abs(found - values[i])).toBeLessThanOrEqual(1e-5 * (spread + Math.abs(values[i])));
        });
      }),
    );
  });

  it("are refused for rows of another width", () => {
    expect(() => standardise(split(Float32Array.of(1, 2, 3), 3), { mean: [0], deviation: [1] })).toThrow(
      /rows of 3 values cannot be standardised by the means of 1 columns/,
    );
  });

  it("are asked for by values outside [0, 1] only", () => {
    expect(allInUnit(split(Uint8Array.of(0, 255), 1, 1 / 255))).toBe(true);
    expect(allInUnit(split(Uint8Array.of(0, 1), 1, 1))).toBe(true);
    expect(allInUnit(split(Uint8Array.of(0, 2), 1, 1))).toBe(false);
    expect(allInUnit(split(Float32Array.of(0, 1), 1))).toBe(true);
    expect(allInUnit(split(Float32Array.of(0, -0.1), 1))).toBe(false);
  });
});
