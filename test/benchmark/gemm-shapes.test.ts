import { describe, expect, it } from "vitest";
import { defaultShapes, gemmName, parseShapes } from "../../src/benchmark/gemm-shapes.js";
import { UsageError } from "../../src/error.js";

describe("shapes", () => {
  it("are read as sizes and transposes", () => {
    expect(parseShapes("1x2x3, 4X5X6:tn")).toEqual([
      { m: 1, n: 2, k: 3, transposeA: false, transposeB: false },
      { m: 4, n: 5, k: 6, transposeA: true, transposeB: false },
    ]);
    expect(parseShapes("7x8x9:nt").map(gemmName)).toEqual(["7x8x9 nt"]);
  });

  it.each(["", "3x4", "3x4x0", "3x4x5:nx", "3x4x5,", "axbxc", "3x4x5x6"])("refuse %j", (text) => {
    expect(() => parseShapes(text)).toThrow(UsageError);
    expect(() => parseShapes(text)).toThrow(/^shapes: ".*" is not MxNxK with an optional :nn, :nt, :tn, :tt, such as /);
  });

  it("are by default squares and the products of the reference networks, in all transposes, none twice", () => {
    const names = defaultShapes().map(gemmName);
    // Per layer, mirrored ones among them, at a batch: forward, and the gradient of the weights.
    expect(names).toHaveLength(4 * (5 + 2 * 12 * 2));
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(0, 2)).toEqual(["512x512x512 nn", "512x512x512 nt"]);
    const some = ["8192x8192x8192 tt", "784x1000x128 tn", "500x1000x1024 tn", "1024x250x30 nt", "128x784x256 nn"];
    expect(names).toEqual(expect.arrayContaining(some));
  });
});
