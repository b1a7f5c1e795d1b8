import { expect, it } from "vitest";
import { benchmarkGemm } from "../../src/benchmark/gemm.js";
import { gemmName, parseShapes } from "../../src/benchmark/gemm-shapes.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { FLOATS } from "../../src/program/buffer.js";
import type { Program } from "../../src/program/program.js";
import { describeEveryDevice, lacks } from "../support/devices.js";
import { STEADY, steadyClock } from "./clock.js";
import { faulty } from "./faulty.js";

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

  it.for(["f16", "bf16"] as const)("measures in %s", async (precision, { skip }) => {
    skip(lacks(device(), precision), `the adapter lacks ${precision}`);
    const [shape] = parseShapes("65x33x129:tn");
    const result = await benchmarkGemm(device(), steadyClock(), shape, { precision });
    expect(result).toMatchObject({ name: "65x33x129 tn", medianMs: STEADY });
  });
});

it("is given the program before it is compiled, to tune the device for it", async () => {
  const device = openReferenceDevice();
  const [shape] = parseShapes("8x9x10:nt");
  const tuned: unknown[] = [];
  const tune = async (program: Program) => tuned.push(program.ops);
  await benchmarkGemm(device, steadyClock(), shape, { precision: "f16", tune });
  expect(tuned).toEqual([[expect.objectContaining({ kind: "gemm", transposeA: false, transposeB: true })]]);
});

it("gives no figure for a wrong result", async () => {
  const device = faulty(openReferenceDevice(), (op) => (op.kind === "gemm" ? { ...op, activation: "relu" } : op));
  const [shape] = parseShapes("8x9x10");
  for (const precision of FLOATS) {
    await expect(benchmarkGemm(device, steadyClock(), shape, { precision })).rejects.toThrow(
      /^gemm 8x9x10 nn: the result is wrong: .* is off by \d\.\de[+-]\d+, relative$/,
    );
  }
});
