/** Maps in a row, computed in one pass, leave the bits of the same maps one by one: in place, broadcast, in narrow types. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Device, Executable } from "../../src/device/device.js";
import { slice, type View } from "../../src/program/buffer.js";
import { grouped } from "../../src/program/fuse-maps.js";
import { toFloats } from "../../src/program/narrow-float.js";
import type { Expression, MapOp, Op } from "../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import { describeEveryDevice, lacks } from "../support/devices.js";

const [ROWS, COLUMNS] = [5, 63];

const EXPRESSIONS: readonly Expression[] = [
  ["add", ["mul", 0.3, "a"], "b"],
  ["sub", "b", ["mul", "a", "a"]],
  ["tanh", ["add", "a", "b"]],
  ["where", ["less", "a", "b"], ["neg", "a"], 0.5],
  "a",
  0.25,
];

function start(type: "f32" | "f16") {
  const builder = new ProgramBuilder("maps");
  const whole = (name: string, of: "f32" | "f16" = "f32"): View => builder.buffer(name, of, [ROWS, COLUMNS]);
  const vector = builder.buffer("vector", "f32", [2 * ROWS * COLUMNS]);
  const views = [
    ...["x", "y", "z"].map((name) => whole(name)),
    whole("narrow", type),
    slice(vector, 0, ROWS, COLUMNS),
    // Overlaps the one before, and no element lies at its place there.
    slice(vector, COLUMNS, ROWS, COLUMNS),
    builder.buffer("row", "f32", [1, COLUMNS]),
    builder.buffer("column", "f32", [ROWS, 1]),
    builder.buffer("scalar", "f32", [1, 1]),
    // A row of the first matrix.
    slice({ buffer: "x", type: "f32", offset: 0, rows: 1, columns: 1 }, COLUMNS, 1, COLUMNS),
  ];
  return { builder, views };
}

async function contents(device: Device, program: Program, run: (executable: Executable) => Promise<unknown>) {
  using executable = await device.compile(program);
  for (const [k, { name, type, length }] of program.buffers.entries()) {
    const values = Float32Array.from({ length }, (_, i) => Math.sin(i * (k + 1.3)));
    executable.buffer(name).write(type === "f16" ? (toFloats("f16", values) as Uint16Array<ArrayBuffer>) : values);
  }
  await run(executable);
  const read = program.buffers.map(async ({ name }) => new Uint8Array((await executable.buffer(name).read()).buffer));
  return await Promise.all(read);
}

async function oneByOne(device: Device, executable: Executable): Promise<void> {
  const { program } = executable;
  const bindings = Object.fromEntries(program.buffers.map(({ name }) => [name, executable.buffer(name)]));
  for (const op of program.ops) {
    using alone = await device.compile({ ...program, ops: [op] }, bindings);
    alone.run();
  }
}

describeEveryDevice((device) => {
  it("have the bits of maps one by one", async () => {
    const type = lacks(device(), "f16") ? "f32" : "f16";
    const { views } = start(type);
    const step = fc.record({
      expression: fc.constantFrom(...EXPRESSIONS),
      a: fc.nat(views.length - 1),
      b: fc.nat(views.length - 1),
      out: fc.nat(5),
    });
    let together = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
        const { builder } = start(type);
        for (const { expression, a, b, out } of steps) {
          try {
            builder.map({ expression, inputs: { a: views[a], b: views[b] }, out: views[out] });
          } catch {
            // A view overlaps the output.
          }
        }
        fc.pre(builder.ops.length > 1);
        const program = builder.build();
        together += grouped(program.ops).filter(({ ops }) => ops.length > 1).length;
        const fused = await contents(device(), program, async (executable) => executable.run());
        expect(fused).toEqual(await contents(device(), program, (executable) => oneByOne(device(), executable)));
      }),
      { numRuns: device().info.kind === "webgpu" ? 8 : 20, seed: 5 },
    );
    expect(together).toBeGreaterThan(3);
  });
});

describe("maps are together", () => {
  const sizes = (add: (builder: ProgramBuilder, views: readonly View[]) => unknown): number[] => {
    const { builder, views } = start("f16");
    add(builder, views);
    return grouped(builder.ops as readonly Op[]).map(({ ops }) => ops.length);
  };
  const map = (inputs: MapOp["inputs"], out: View) => ({ expression: ["add", "a", 1] as Expression, inputs, out });

  it("where one reads what the other wrote, and where they are in place", () => {
    expect(sizes((b, [x, y]) => b.map(map({ a: x }, y)).map(map({ a: y }, x)))).toEqual([2]);
  });

  it.each<[string, (b: ProgramBuilder, views: readonly View[]) => unknown]>([
    [
      "not where an output is broadcast",
      (b, [x, y, , , , , , , , row]) => b.map(map({ a: y }, x)).map(map({ a: row }, y)),
    ],
    [
      "not where the output is narrow and read",
      (b, [x, y, , f16]) => b.map(map({ a: x }, f16)).map(map({ a: f16 }, y)),
    ],
    ["not where outputs overlap", (b, [x, , , , v, w]) => b.map(map({ a: x }, v)).map(map({ a: x }, w))],
    ["not where one is overwritten", (b, [x, y, z]) => b.map(map({ a: x }, z)).map(map({ a: y }, z))],
    ["not where shapes differ", (b, [x, y, , , , , row]) => b.map(map({ a: x }, y)).map(map({ a: row }, { ...row }))],
    [
      "not where an op is between",
      (b, [x, y, z]) =>
        b
          .map(map({ a: x }, y))
          .scale({ input: x, factor: 2, out: x })
          .map(map({ a: y }, z)),
    ],
  ])("%s", (_, add) => {
    expect(new Set(sizes(add))).toEqual(new Set([1]));
  });
});
