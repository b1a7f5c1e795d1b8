/** A long table gives a chart what a plain loop over its rows gives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LongTable } from "../../src/page/long-table.js";

const value = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constant(Number.NaN));

function tableOf(ys: readonly number[], pieces = 1): LongTable {
  const table = new LongTable(2);
  const size = Math.ceil(ys.length / pieces) || 1;
  for (let at = 0; at < ys.length; at += size) {
    table.append(ys.slice(at, at + size).flatMap((y, i) => [at + i, y]));
  }
  return table;
}

describe("a long table", () => {
  it("shows the least and the greatest value of each stretch, however it grew", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 40, maxLength: 900 }), fc.integer({ min: 1, max: 9 }), (ys, pieces) => {
        const most = 7;
        const {
          xs,
          ys: [drawn],
        } = tableOf(ys, pieces).view(0, [1], [0, ys.length], most);
        expect(drawn).toHaveLength(2 * most);
        for (let stretch = 0; stretch < most; stretch++) {
          const from = Math.floor((stretch * ys.length) / most);
          const to = Math.floor(((stretch + 1) * ys.length) / most);
          const there = ys.slice(from, to).filter((y) => !Number.isNaN(y));
          const ends = there.length === 0 ? [null, null] : [Math.min(...there), Math.max(...there)];
          expect(drawn.slice(2 * stretch, 2 * stretch + 2)).toEqual(ends);
          expect(xs[2 * stretch]).toBeGreaterThanOrEqual(from);
          expect(xs[2 * stretch]).toBeLessThanOrEqual(to);
        }
      }),
    );
  });

  it("shows every row where there is room, and the neighbours of a part", () => {
    const table = tableOf([5, 4, 3, 2, 1, 0, 1, 2, 3, 4]);
    expect(table.view(0, [1], [3, 5], 100)).toEqual({ xs: [2, 3, 4, 5, 6], ys: [[3, 2, 1, 0, 1]] });
    expect(table.view(0, [1], [-5, 99], 100).xs).toHaveLength(10);
  });

  it("gives its rows again", () => {
    const table = tableOf(Array.from({ length: 3000 }, (_, i) => i * i));
    expect([...table.rows(2998, 5000)]).toEqual([2998, 2998 ** 2, 2999, 2999 ** 2]);
    expect(table.rows(3000, 4000)).toHaveLength(0);
    expect(table.rows(9000, 9001)).toHaveLength(0);
    expect(table.find(0, 77)).toBe(77);
    expect(table.find(0, 1e9)).toBe(3000);
  });
});
