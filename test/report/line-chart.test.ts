import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawLineChart, thinned } from "../../src/report/line-chart.js";

const chart = (values: readonly { x: number; y: number }[], references: number[] = []) => ({
  description: "a curve",
  xLabel: "step",
  points: thinned(values),
  references: references.map((value) => ({ label: "PCA", value })),
  dots: true,
});

const curves = fc.array(fc.record({ x: fc.nat({ max: 1e6 }), y: fc.double({ min: 1e-6, max: 1e6, noNaN: true }) }), {
  minLength: 1,
  maxLength: 30,
});

describe("thinned", () => {
  it("keeps a short curve as it is and leaves out what is not finite", () => {
    const points = thinned([
      { x: 1, y: 5 },
      { x: 2, y: Number.NaN },
      { x: 3, y: Number.POSITIVE_INFINITY },
      { x: 4, y: 2 },
    ]);
    expect(points).toEqual([
      { x: 1, y: 5, low: 5, high: 5 },
      { x: 4, y: 2, low: 2, high: 2 },
    ]);
    expect(thinned([])).toEqual([]);
  });

  it("merges the neighbours of a long one into mean and range", () => {
    const points = thinned(Array.from({ length: 3000 }, (_, i) => ({ x: i, y: i % 2 })));
    expect(points).toHaveLength(300);
    expect(points[0]).toEqual({ x: 4.5, y: 0.5, low: 0, high: 1 });
  });
});

describe("drawLineChart", () => {
  it("stays within its frame for every curve, on both scales", () => {
    fc.assert(
      fc.property(curves, fc.constantFrom("linear" as const, "log" as const), (values, height) => {
        const svg = drawLineChart(chart(values, [13.87]), height).text;
        expect(svg).not.toMatch(/NaN|Infinity/);
        for (const [, x, y] of svg.matchAll(/cx="([^"]*)" cy="([^"]*)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(0);
          expect(Number(x)).toBeLessThanOrEqual(460);
          expect(Number(y)).toBeGreaterThanOrEqual(0);
          expect(Number(y)).toBeLessThanOrEqual(300);
        }
      }),
    );
  });

  it("draws equal ratios as equal heights on a logarithmic scale", () => {
    const svg = drawLineChart(chart([1, 10, 100].map((y, x) => ({ x, y }))), "log").text;
    const [a, b, c] = [...svg.matchAll(/cy="([^"]*)"/g)].map(([, y]) => Number(y));
    expect(a - b).toBeCloseTo(b - c, 0);
    expect(a).toBeGreaterThan(b);
  });

  it.each([
    [8.3, 16.4],
    [3, 14],
    [0.07, 0.7],
    [1e-4, 10],
    [5, 5],
  ])("labels at least two heights between %f and %f", (low, high) => {
    const ends = [high, low].map((y, x) => ({ x, y }));
    const svg = drawLineChart(chart(ends), "log").text;
    expect(svg.split('class="grid"').length - 1).toBeGreaterThanOrEqual(2);
  });

  it("takes a curve that is zero throughout", () => {
    expect(drawLineChart(chart([{ x: 0, y: 0 }]), "linear").text).not.toMatch(/NaN|Infinity/);
  });
});
