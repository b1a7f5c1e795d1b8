import { describe, expect, it } from "vitest";
import { ProgramError } from "../../src/program/check.js";
import { ProgramBuilder } from "../../src/program/program.js";

describe("ProgramBuilder", () => {
  it("gives a buffer's view the shape it was declared with", () => {
    const builder = new ProgramBuilder("p");
    expect(builder.buffer("v", "f32", [7])).toEqual({ buffer: "v", type: "f32", offset: 0, rows: 1, columns: 7 });
    expect(builder.buffer("m", "u8", [3, 4])).toEqual({ buffer: "m", type: "u8", offset: 0, rows: 3, columns: 4 });
  });

  it("declares a table as a buffer of all entries and views the entry at the cursor", () => {
    const builder = new ProgramBuilder("p");
    const cursor = builder.buffer("step", "u32", [1]);
    const rows = builder.table("rows", "u32", 10, [32], cursor);
    expect(rows).toEqual({ buffer: "rows", type: "u32", offset: 0, rows: 1, columns: 32, cursor: "step" });
    const program = builder.advance(cursor).build();
    expect(program.buffers).toContainEqual({ name: "rows", type: "u32", length: 320 });
  });

  it("fills in what a gemm, an add and a sumRows leave out", () => {
    const builder = new ProgramBuilder("p");
    const [a, b, out, sums] = ["a", "b", "out", "sums"].map((name) =>
      builder.buffer(name, "f32", name === "sums" ? [2] : [2, 2]),
    );
    const { ops } = builder.gemm({ a, b, out }).add({ a, b, out }).sumRows({ input: a, out: sums }).build();
    expect(ops).toEqual([
      { kind: "gemm", a, b, out, transposeA: false, transposeB: false, accumulate: false, activation: "linear" },
      { kind: "add", a, b, out, factor: 1 },
      { kind: "sumRows", input: a, out: sums, accumulate: false },
    ]);
  });

  it("keeps a built program as it was when more is added", () => {
    const builder = new ProgramBuilder("p");
    const x = builder.buffer("x", "f32", [3]);
    const program = builder.fill({ value: 1, out: x }).build();
    const y = builder.buffer("y", "f32", [3]);
    builder.copy({ input: x, out: y });
    expect(program.ops).toHaveLength(1);
    expect(program.buffers).toHaveLength(1);
  });

  it("refuses a name twice, an impossible size and an empty program", () => {
    const builder = new ProgramBuilder("train step");
    builder.buffer("x", "f32", [3]);
    expect(() => builder.buffer("x", "f32", [3])).toThrow(
      new ProgramError('train step: buffer "x" is declared twice; give each buffer a name of its own'),
    );
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(() => builder.buffer("y", "f32", [2, size])).toThrow(
        `train step: buffer "y": sizes must be whole numbers from 1, got [2,${size}]`,
      );
    }
    expect(() => builder.build()).toThrow("train step: a program needs at least one op");
  });

  it("names the program, the op's number and its kind in an error", () => {
    const builder = new ProgramBuilder("train step");
    const x = builder.buffer("x", "f32", [3]);
    const y = builder.buffer("y", "f32", [4]);
    builder.fill({ value: 0, out: x });
    expect(() => builder.copy({ input: x, out: y })).toThrow(
      new ProgramError("train step, op 1, copy: out must be [1, 3], got [1, 4]"),
    );
  });
});
