/** The op that makes a NaN or an infinity first is found on every device, with its place. */
import { expect, it } from "vitest";
import { findNonFinite } from "../../../src/device/check/find-non-finite.js";
import type { Executable } from "../../../src/device/device.js";
import { slice } from "../../../src/program/buffer.js";
import { ProgramBuilder } from "../../../src/program/program.js";
import { describeEveryDevice } from "../../support/devices.js";

/** Twice x, its root in the second half of a vector, and the sum of that. */
function roots() {
  const builder = new ProgramBuilder("roots");
  const x = builder.buffer("x", "f32", [4, 3]);
  const twice = builder.buffer("twice", "f32", [4, 3]);
  const vector = builder.buffer("vector", "f32", [128]);
  const y = slice(vector, 64, 4, 3);
  builder
    .scale({ input: x, factor: 2, out: twice })
    .map({ expression: ["sqrt", "x"], inputs: { x: twice }, out: y })
    .reduce({ by: "sum", over: "all", input: y, out: builder.buffer("sum", "f32", [1]) });
  return { program: builder.build(), y };
}

describeEveryDevice((device) => {
  it("names the op that made the number, and not those that pass it on", async () => {
    const { program, y } = roots();
    using executable = await device().compile(program);
    executable.buffer("x").write(Float32Array.of(1, 2, 3, 4, 0, 6, 7, -8, 9, 10, -11, 12));
    expect(await findNonFinite(device(), executable)).toEqual({
      ...{ op: 1, kind: "map", made: true, value: Number.NaN, view: y, row: 2, column: 1 },
    });
  });

  it("tells a number that was there before", async () => {
    const { program } = roots();
    using executable = await device().compile(program);
    executable.buffer("x").write(Float32Array.from({ length: 12 }, (_, i) => (i === 5 ? Number.NEGATIVE_INFINITY : i)));
    const found = await findNonFinite(device(), executable);
    expect(found).toMatchObject({ op: 0, made: false, value: Number.NEGATIVE_INFINITY, row: 1, column: 2 });
    expect(found?.view.buffer).toBe("x");
  });

  it("leaves what a run leaves, bit for bit, where all is finite", async () => {
    const { program } = roots();
    const x = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i) ** 2);
    const results = async (run: (executable: Executable) => unknown) => {
      using executable = await device().compile(program);
      executable.buffer("x").write(x);
      await run(executable);
      return [await executable.buffer("vector").read(), await executable.buffer("sum").read()];
    };
    const found: unknown[] = [];
    const alone = await results(async (executable) => found.push(await findNonFinite(device(), executable)));
    expect(found).toEqual([undefined]);
    expect(alone).toEqual(await results((executable) => executable.run()));
  });

  it("looks at the entry to which a cursor points", async () => {
    const builder = new ProgramBuilder("table");
    const cursor = builder.buffer("cursor", "u32", [1]);
    const input = builder.buffer("input", "f32", [2, 2]);
    const target = builder.buffer("target", "f32", [2, 2]);
    const total = builder.table("losses", "f32", 3, [1], cursor);
    builder.loss({ loss: "mse", input, target, scale: 1, total }).advance(cursor);
    using executable = await device().compile(builder.build());
    executable.buffer("losses").write(Float32Array.of(Number.NaN, 0, Number.NaN));
    executable.buffer("cursor").write(Uint32Array.of(1));
    expect(await findNonFinite(device(), executable)).toBeUndefined();
    executable.buffer("input").write(Float32Array.of(1, 1, 3e38, 1));
    executable.buffer("cursor").write(Uint32Array.of(1));
    // The reference holds the square in float64, and rounds when it is read.
    expect(await findNonFinite(device(), executable)).toMatchObject({
      op: 0,
      kind: "loss",
      value: Infinity,
      view: total,
    });
  });
});
