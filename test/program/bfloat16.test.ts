import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBFloat16, roundToBFloat16, toBFloat16 } from "../../src/program/bfloat16.js";

describe("bfloat16", () => {
  it("is the upper half of a float32", () => {
    expect([0x3f80, 0xc000, 0x7f7f, 0x0080, 0x4049].map(fromBFloat16)).toEqual([
      1,
      -2,
      2 ** 127 * (2 - 2 ** -7),
      2 ** -126,
      3.140625,
    ]);
    expect([0x7f80, 0xff80, 0x7fc0].map(fromBFloat16)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
  });

  it("keeps the bits of every number but the denormal ones, which become zeros", () => {
    for (let bits = 0; bits <= 0x7f80; bits++) {
      expect(toBFloat16(fromBFloat16(bits))).toBe(bits < 0x80 ? 0 : bits);
      expect(toBFloat16(fromBFloat16(bits | 0x8000))).toBe(bits < 0x80 ? 0x8000 : bits | 0x8000);
    }
  });

  it("rounds to the nearest, of two equally near ones to the even", () => {
    for (let bits = 0x80; bits < 0x7f7f; bits += 37) {
      const [low, high] = [fromBFloat16(bits), fromBFloat16(bits + 1)];
      const middle = (low + high) / 2;
      expect(roundToBFloat16(middle)).toBe(bits % 2 === 0 ? low : high);
      expect(roundToBFloat16(-middle * (1 - 2 ** -20))).toBe(-low);
      expect(roundToBFloat16(middle * (1 + 2 ** -20))).toBe(high);
    }
    expect(roundToBFloat16(3.4e38)).toBe(Number.POSITIVE_INFINITY);
    expect(toBFloat16(Number.NaN) & 0x7fc0).toBe(0x7fc0);
  });

  it("is at most half of its last bit away", () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e38), max: Math.fround(1e38) }),
        (x) => {
          if (Math.abs(x) < 2 ** -126) return;
          expect(Math.abs(roundToBFloat16(x) - x)).toBeLessThanOrEqual(Math.abs(x) * 2 ** -8);
        },
      ),
    );
  });
});
