import { describe, expect, it } from "vitest";
import { benchmarkGemm, defaultShapes, gemmName, parseShapes } from "../../src/benchmark/gemm.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { UsageError } from "../../src/error.js";
import { describeEveryDevice } from "../support/devices.js";
import { STEADY, steadyClock } from "./clock.js";
import { faulty } from "./faulty.js";

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

  it("are by default squares, and the products of the reference networks", () => {
    const names = defaultShapes().map(gemmName);
    expect(names).toHaveLength(3 + 2 * 6 * 3);
    expect(names).toEqual(expect.arrayContaining(["1024x1024x1024 nn", "784x1000x128 tn", "1024x250x30 nt"]));
  });
});

describeEveryDevice((device) => {
  it.each(parseShapes("33x17x65,33x17x65:tn,33x17x65:nt,33x17x65:tt,1x1x1"))("measures $m x $n x $k", async (shape) => {
    expect(await benchmarkGemm(device(), steadyClock(), shape)).toEqual({
      name: gemmName(shape),
      ...shape,
      medianMs: STEADY,
      fastestMs: STEADY,
      slowestMs: STEADY,
      gflops: expect.closeTo((2 * shape.m * shape.n * shape.k) / (STEADY * 1e6), 12),
    });
  });
});

it("gives no figure for a wrong result", async () => {
  const device = faulty(openReferenceDevice(), (op) => (op.kind === "gemm" ? { ...op, accumulate: true } : op));
  const [shape] = parseShapes("8x9x10");
  await expect(benchmarkGemm(device, steadyClock(), shape)).rejects.toThrow(
    /^gemm 8x9x10 nn: the result is wrong: .* is off by \d\.\de[+-]\d+, relative$/,
  );
});
