import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { slice } from "../../src/program/buffer.js";
import { disagreement, expectAgreement } from "./agreement.js";
import { Scenario } from "./scenario.js";

describe("disagreement", () => {
  it("measures a tensor against its largest element", () => {
    expect(disagreement([100.0009, 1.0009], [100, 1], "tensor")).toBeUndefined();
    expect(disagreement([100.0011, 1], [100, 1], "tensor")).toMatch(/element 0 of 2 is 100\.0011, must be 100 /);
    expect(disagreement([100, 1.0011], [100, 1], "tensor")).toMatch(/element 1 of 2/);
  });

  it("measures each element on its own, down to a twentieth of the scale", () => {
    expect(disagreement([100, 10.0002], [100, 10], "elementwise")).toMatch(/relative error 2\.00e-5/);
    expect(disagreement([100, 10.00009], [100, 10], "elementwise")).toBeUndefined();
    expect(disagreement([100, 0.00004], [100, 0], "elementwise")).toBeUndefined();
    expect(disagreement([100, 0.00006], [100, 0], "elementwise")).toMatch(/element 1/);
  });

  it("lets nothing pass for zero but zero, and nothing at all for NaN", () => {
    expect(disagreement([0, -0], [0, 0], "tensor")).toBeUndefined();
    expect(disagreement([1e-30, 0], [0, 0], "tensor")).toMatch(/element 0/);
    expect(disagreement([0, Number.NaN], [0, 1], "tensor")).toMatch(/is NaN, must be 1/);
    expect(disagreement([Number.POSITIVE_INFINITY], [1], "elementwise")).toMatch(/is Infinity/);
  });
});

describe("expectAgreement", () => {
  /** out = 2 x, where `out` is a view of a larger buffer. */
  const scenario = (): Scenario => {
    const doubled = new Scenario("doubled");
    doubled.builder.scale({ input: doubled.f32("x", [2, 3]), factor: 2, out: doubled.f32At(3, "out", [2, 3]) });
    return doubled;
  };

  it("passes a device that does as the reference does", async () => {
    await expectAgreement(openReferenceDevice(), scenario());
  });

  it("fails a wrong value, and a right one in the wrong place", async () => {
    const off = scenario();
    await off.expected();
    const program = off.program;
    const [op] = program.ops;
    if (op.kind !== "scale") throw new Error("the op is a scale");
    const broken = (changed: typeof op): Scenario =>
      Object.defineProperty(off, "program", { value: { ...program, ops: [changed] }, configurable: true });
    await expect(expectAgreement(openReferenceDevice(), broken({ ...op, factor: 2.0001 }))).rejects.toThrow(
      /doubled: out, view from 3 to 9: element/,
    );
    const shifted = { ...op, out: slice(op.out, 1, 2, 3) };
    await expect(expectAgreement(openReferenceDevice(), broken(shifted))).rejects.toThrow(/doubled: out/);
  });
});
