import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawLineChart, thinned } from "../../../src/report/charts/line-chart.js";

const chart = (values: readonly { x: number; y: number }[], references: number[] = []) => ({
  description: "a curve",
  xLabel: "step",
  series: [{ label: "test", kind: "test" as const, points: thinned(values), dots: true }],
  references: references.map((value) => ({ label: "PCA", value })),
});

/** The places of the dots, in thousandths of width and height. */
const dotsOf = (text: string): [number, number][] => {
  const [, path = ""] = /<path class="dots test" d="([^"]*)"/.exec(text) ?? [];
  return [...path.matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);
};

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
        for (const position of dotsOf(svg).flat()) {
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(1000);
        }
        expect(dotsOf(svg)).toHaveLength(values.length);
      }),
    );
  });

  it("draws equal ratios as equal heights on a logarithmic scale", () => {
    const svg = drawLineChart(chart([1, 10, 100].map((y, x) => ({ x, y }))), "log").text;
    const [a, b, c] = dotsOf(svg).map(([, y]) => y);
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

  const labels = (text: string, kind: string) =>
    [...text.matchAll(new RegExp(`<span class="${kind}" style="[a-z]+:[^"]*">([^<]*)<`, "g"))].map(
      ([, label]) => label,
    );

  it("has plain numbers on a logarithmic scale", () => {
    const points = [1, 10, 100].map((y, x) => ({ x, y }));
    expect(labels(drawLineChart(chart(points), "log").text, "y")).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
    const small = [1e-4, 2e4].map((y, x) => ({ x, y }));
    expect(labels(drawLineChart(chart(small), "log").text, "y")).toEqual(
      expect.arrayContaining(["0.0001", "0.01", "1", "1,000", "10k"]),
    );
  });

  it("names each line and what it comes to beside its end, none on another", () => {
    const series = (["test", "train"] as const).map((kind, i) => ({
      ...{ label: kind, kind, dots: false },
      points: thinned([10, 4 + i / 100].map((y, x) => ({ x, y }))),
    }));
    const { text } = {
      text: drawLineChart({ ...chart([]), series, references: [{ label: "PCA", value: 4 }] }, "log").text,
    };
    const ends = [...text.matchAll(/<span class="end \w+" style="top:([\d.]+)%">(\w+) <b>([^<]*)</g)];
    expect(ends.map(([, , label, value]) => `${label} ${value}`)).toEqual(["test 4.00", "train 4.01", "PCA 4.00"]);
    const tops = ends.map(([, top]) => Number(top)).sort((a, b) => a - b);
    expect(Math.min(tops[1] - tops[0], tops[2] - tops[1])).toBeGreaterThanOrEqual(8.4);
    expect(tops[2]).toBeLessThanOrEqual(100);
  });
});
