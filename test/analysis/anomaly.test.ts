import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { areaUnderRoc, quantile } from "../../src/analysis/anomaly.js";

const scores = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 })
  .map((values) => Float32Array.from(values));

describe("the quantile", () => {
  it("is NumPy's", () => {
    const some = Float32Array.of(7, 1, 3, 2);
    // numpy.quantile([7, 1, 3, 2], [0, 0.5, 0.9, 1])
    expect([0, 0.5, 0.9, 1].map((q) => quantile(some, q))).toEqual([1, 2.5, expect.closeTo(5.8, 12), 7]);
    expect(quantile(Float32Array.of(4), 0.99)).toBe(4);
  });

  it("lies above its share of the scores", () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (some, q) => {
        const found = quantile(some, q);
        const place = q * (some.length - 1);
        expect(some.filter((score) => score < found).length).toBeLessThanOrEqual(Math.ceil(place));
        expect(some.filter((score) => score > found).length).toBeLessThanOrEqual(some.length - 1 - Math.floor(place));
      }),
    );
  });

  it.each([-0.1, 1.1, Number.NaN])("is not defined for %d", (q) => {
    expect(() => quantile(Float32Array.of(1), q)).toThrow("a share from 0 to 1");
  });
});

describe("the area under the ROC curve", () => {
  it("is the share of pairs in the right order, ties half", () => {
    fc.assert(
      fc.property(scores, fc.nat(), (some, bits) => {
        const isAnomaly = (row: number): boolean => ((bits >> (row % 16)) & 1) === 1;
        const rows = [...some.keys()];
        const pairs = rows
          .filter(isAnomaly)
          .flatMap((a) => rows.filter((n) => !isAnomaly(n)).map((n) => (Math.sign(some[a] - some[n]) + 1) / 2));
        if (pairs.length === 0) expect(() => areaUnderRoc(some, isAnomaly)).toThrow("needs anomalies and normal rows");
        else expect(areaUnderRoc(some, isAnomaly)).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 10);
      }),
    );
  });
});
