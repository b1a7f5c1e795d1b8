import { describe, expect, it } from "vitest";
import { drawScatter } from "../../../src/report/charts/scatter.js";

const dots = (svg: string): [number, number][] =>
  [...svg.matchAll(/M(-?[\d.]+) (-?[\d.]+)h0/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe("drawScatter", () => {
  it("keeps the shape of codes of two numbers, y upwards", () => {
    const [a, b, c] = dots(drawScatter({ count: 3, size: 2, values: Float32Array.of(0, 0, 2, 0, 0, 1) }).text);
    expect(b[0] - a[0]).toBeCloseTo(2 * (a[1] - c[1]), 0);
    expect(b[0]).toBeGreaterThan(a[0]);
    expect(a[1]).toBeGreaterThan(c[1]);
  });

  it("shows longer codes along the axes in which they vary most", () => {
    const values = Float32Array.of(0, 0, 0, 0, 0, 9, 0, 1, 0, 0, 1, 9);
    const found = dots(drawScatter({ count: 4, size: 3, values }).text);
    const [left, right] = [Math.min(...found.map(([x]) => x)), Math.max(...found.map(([x]) => x))];
    expect(found.map(([x]) => Math.abs(x - left) < Math.abs(x - right))).toEqual([true, false, true, false]);
  });

  it("has one path, one name and one line of legend for each class", () => {
    const labels = Int32Array.of(7, -1, 7, 300);
    const text = drawScatter({ count: 4, size: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), labels }).text;
    const [plane, legend] = text.split("<ul");
    for (const part of [plane, legend]) {
      expect([...part.matchAll(/<path class="(c\d \w+)"/g)].map(([, style]) => style)).toEqual(
        [0, 1, 2].map((i) => `c${i} disc`),
      );
    }
    for (const label of ["-1", "7", "300"]) expect(text.split(`>${label}<`)).toHaveLength(3);
  });

  it("tells ten classes apart by five colours and two shapes", () => {
    const labels = Uint8Array.from({ length: 10 }, (_, i) => i);
    const { text } = drawScatter({
      count: 10,
      size: 2,
      values: Float32Array.from({ length: 20 }, (_, i) => i),
      labels,
    });
    const styles = [...text.matchAll(/<path class="(c\d \w+)"/g)].map(([, style]) => style);
    expect(new Set(styles).size).toBe(10);
    expect(new Set(styles.map((style) => style.split(" ")[0])).size).toBe(5);
  });

  it("takes codes that are all the same", () => {
    const text = drawScatter({ count: 3, size: 4, values: new Float32Array(12).fill(2) }).text;
    expect(text).not.toContain("NaN");
    expect(dots(text)).toHaveLength(3);
  });
});
