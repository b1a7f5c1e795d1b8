import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromFloat16, roundToFloat16, toFloat16 } from "../../src/program/float16.js";

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits);

describe("float16", () => {
  it("has the values that IEEE 754 gives to its bits", () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555].map(fromFloat16)).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      0.333251953125,
    ]);
    expect([0x7c00, 0xfc00, 0x7e00].map(fromFloat16)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it("comes back as the same bits, each of them", () => {
    for (const bits of [...FINITE, 0x7c00]) {
      expect(toFloat16(fromFloat16(bits))).toBe(bits);
      expect(toFloat16(fromFloat16(bits | 0x8000))).toBe(bits | 0x8000);
    }
  });

  it("rounds to the nearest, of two equally near ones to the even", () => {
    for (const bits of FINITE.slice(0, -1)) {
      const [low, high] = [fromFloat16(bits), fromFloat16(bits + 1)];
      const middle = (low + high) / 2;
      expect(roundToFloat16(middle)).toBe(bits % 2 === 0 ? low : high);
      expect(roundToFloat16(-(middle - low / 2 ** 40 - 2 ** -60))).toBe(-low);
      expect(roundToFloat16(middle + low / 2 ** 40 + 2 ** -60)).toBe(high);
    }
  });

  it("is infinite from 65520 on, and NaN for NaN", () => {
    expect(roundToFloat16(65519.9)).toBe(65504);
    expect([65520, -1e300].map(roundToFloat16)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(toFloat16(Number.NaN)).toBe(0x7e00);
  });

  it("rounds a number once: rounded again it stays", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => {
        expect(fromFloat16(toFloat16(x))).toBe(roundToFloat16(x));
        expect(roundToFloat16(roundToFloat16(x))).toBe(roundToFloat16(x));
      }),
    );
  });
});
