/** The reference device against numbers computed by hand, because every other device is compared with it. */
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { View } from "../../src/program/buffer.js";
import type { UpdateRule } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";

type Declare = (name: string, rows: number, columns: number) => View;

/** Builds and runs one program on `inputs`; returns a function that reads a buffer. */
async function run(
  build: (builder: ProgramBuilder, f32: Declare) => void,
  inputs: Readonly<Record<string, readonly number[]>>,
  times = 1,
): Promise<(name: string) => number[]> {
  const builder = new ProgramBuilder("by hand");
  build(builder, (name, rows, columns) => builder.buffer(name, "f32", [rows, columns]));
  const executable = await openReferenceDevice().compile(builder.build());
  for (const [name, values] of Object.entries(inputs)) {
    executable.buffer(name).writeExact(Float64Array.from(values));
  }
  executable.run(times);
  return (name) => [...executable.buffer(name).readExact()];
}

describe("gather", () => {
  it("scales the rows asked for, and reads the last row for a number past the end", async () => {
    const read = await run(
      (builder, f32) => {
        const source = builder.buffer("source", "u8", [3, 2]);
        const rows = builder.buffer("rows", "u32", [4]);
        builder.gather({ source, rows, scale: 0.5, out: f32("out", 4, 2) });
      },
      { source: [1, 2, 3, 4, 255, 6], rows: [1, 0, 3, 4294967295] },
    );
    expect(read("out")).toEqual([1.5, 2, 0.5, 1, 127.5, 3, 127.5, 3]);
  });
});

describe("gemm", () => {
  const A = [1, 2, 3, 4, 5, 6];
  const B = [1, 0, 2, 1, 0, 3];
  const transposed = (values: readonly number[], rows: number, columns: number): number[] =>
    Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("multiplies with transposeA %s and transposeB %s", async (transposeA, transposeB) => {
    const read = await run(
      (builder, f32) => {
        const a = transposeA ? f32("a", 3, 2) : f32("a", 2, 3);
        const b = transposeB ? f32("b", 2, 3) : f32("b", 3, 2);
        builder.gemm({ a, b, out: f32("out", 2, 2), transposeA, transposeB });
      },
      { a: transposeA ? transposed(A, 2, 3) : A, b: transposeB ? transposed(B, 3, 2) : B },
    );
    // [1 2 3; 4 5 6] [1 0; 2 1; 0 3]
    expect(read("out")).toEqual([5, 11, 14, 23]);
  });

  it("applies the epilogue in its order", async () => {
    const read = await run(
      (builder, f32) => {
        builder.gemm({
          a: f32("a", 1, 1),
          b: f32("b", 1, 3),
          accumulate: true,
          bias: f32("bias", 1, 3),
          preActivation: f32("pre", 1, 3),
          activation: "relu",
          derivative: { activation: "tanh", at: f32("at", 1, 3) },
          out: f32("out", 1, 3),
        });
      },
      { a: [2], b: [1, 2, 3], out: [10, 20, -30], bias: [1, 1, 1], at: [0, 0.5, 0.5] },
    );
    expect(read("pre")).toEqual([13, 25, -23]);
    expect(read("out")).toEqual([13, 18.75, 0]);
  });
});

describe("elementwise ops", () => {
  it("scale, add, copy and fill", async () => {
    const read = await run(
      (builder, f32) => {
        const [x, y] = [f32("x", 1, 2), f32("y", 1, 2)];
        builder
          .scale({ input: x, factor: 3, out: f32("scaled", 1, 2) })
          .add({ a: x, b: y, factor: -2, out: f32("added", 1, 2) })
          .copy({ input: x, out: f32("copied", 1, 2) })
          .fill({ value: 7, out: f32("filled", 1, 2) })
          .activate({ activation: "leaky-relu", input: x, out: f32("active", 1, 2) })
          .activationGradient({ activation: "leaky-relu", gradient: y, at: x, out: f32("back", 1, 2) });
      },
      { x: [1, -2], y: [10, 20] },
    );
    expect(read("scaled")).toEqual([3, -6]);
    expect(read("added")).toEqual([-19, -42]);
    expect(read("copied")).toEqual([1, -2]);
    expect(read("filled")).toEqual([7, 7]);
    expect(read("active")).toEqual([1, -0.02]);
    expect(read("back")).toEqual([10, 0.2]);
  });
});

describe("reductions", () => {
  it("loss sums, scales, and gives the scaled gradient", async () => {
    const read = await run(
      (builder, f32) => {
        const [input, target] = [f32("input", 2, 2), f32("target", 2, 2)];
        const [total, gradient] = [f32("total", 1, 1), f32("gradient", 2, 2)];
        builder.loss({ loss: "mse", input, target, scale: 0.25, total, gradient });
      },
      { input: [1, 2, 3, 4], target: [1, 0, 0, 8] },
    );
    expect(read("total")).toEqual([7.25]);
    expect(read("gradient")).toEqual([0, 1, 1.5, -2]);
  });

  it("sumRows sums columns, onto what was there if asked", async () => {
    const read = await run(
      (builder, f32) => {
        const input = f32("input", 3, 2);
        builder.sumRows({ input, out: f32("sums", 1, 2) }).sumRows({ input, out: f32("more", 1, 2), accumulate: true });
      },
      { input: [1, 2, 3, 4, 5, 6], sums: [100, 100], more: [100, 100] },
    );
    expect(read("sums")).toEqual([9, 12]);
    expect(read("more")).toEqual([109, 112]);
  });

  it("norm and clipFactor", async () => {
    const read = await run(
      (builder, f32) => {
        const norm = f32("norm", 1, 1);
        builder
          .norm({ input: f32("x", 1, 2), out: norm })
          .clipFactor({ norm, maximum: 2, out: f32("clipped", 1, 1) })
          .clipFactor({ norm, maximum: 20, out: f32("whole", 1, 1) })
          .clipFactor({ norm: f32("zero", 1, 1), maximum: 2, out: f32("still", 1, 1) });
      },
      { x: [3, -4] },
    );
    expect(["norm", "clipped", "whole", "still"].map((name) => read(name)[0])).toEqual([5, 0.4, 1, 1]);
  });
});

describe("update", () => {
  const p = 1;
  const g = 0.5;
  const r = 0.1;
  /** The parameter after one and after two steps, from 1, with gradient 0.5, learning rate 0.1, no decay and zero state. */
  const WORKED: readonly [UpdateRule, number, number][] = [
    [{ name: "sgd", weightDecay: 0 }, 0.95, 0.9],
    // v = 0.5, 0.95
    [{ name: "momentum", mu: 0.9, weightDecay: 0 }, 0.95, 0.855],
    // g + mu v = 0.95, 1.355
    [{ name: "nesterov", mu: 0.9, weightDecay: 0 }, 0.905, 0.7695],
    // s = 0.25, 0.5
    [{ name: "adagrad", epsilon: 0, weightDecay: 0 }, 0.9, 0.9 - 0.05 / Math.SQRT1_2],
    // s = 0.025, 0.0475
    [
      { name: "rmsprop", rho: 0.9, epsilon: 0, weightDecay: 0 },
      1 - 0.05 / Math.sqrt(0.025),
      1 - 0.05 / Math.sqrt(0.025) - 0.05 / Math.sqrt(0.0475),
    ],
    // s = 0.125, u = 0.5 sqrt(0.125) / sqrt(0.25) = 0.3535534, d = 0.0625
    // s = 0.1875, u = 0.5 sqrt(0.1875) / sqrt(0.3125) = 0.3872983
    [{ name: "adadelta", rho: 0.5, epsilon: 0.125, weightDecay: 0 }, 0.9646447, 0.9259148],
    // With c1 = c2 = 1: m = 0.25, v = 0.125; then m = 0.375, v = 0.1875
    [{ name: "adam", beta1: 0.5, beta2: 0.5, epsilon: 0, weightDecay: 0 }, 0.9292893, 0.8426868],
    [{ name: "adamw", beta1: 0.5, beta2: 0.5, epsilon: 0, weightDecay: 0 }, 0.9292893, 0.8426868],
  ];

  const stepped = async (rule: UpdateRule, times: number, scalars: number[], slots: number, scale?: number) => {
    const read = await run(
      (builder, f32) => {
        const state = Array.from({ length: slots }, (_, i) => f32(`state${i}`, 1, 1));
        const gradientScale = scale === undefined ? undefined : f32("scale", 1, 1);
        const views = { parameters: f32("p", 1, 1), gradients: f32("g", 1, 1), scalars: f32("scalars", 1, 4) };
        builder.update({ rule, ...views, state, gradientScale });
      },
      { p: [p], g: [g], scalars, ...(scale === undefined ? {} : { scale: [scale] }) },
      times,
    );
    return read("p")[0];
  };
  const slotsOf = (rule: UpdateRule): number =>
    rule.name === "sgd" ? 0 : ["adadelta", "adam", "adamw"].includes(rule.name) ? 2 : 1;

  it.each(WORKED)("$name", async (rule, first, second) => {
    expect(await stepped(rule, 1, [r, 1, 1, 0], slotsOf(rule))).toBeCloseTo(first, 7);
    expect(await stepped(rule, 2, [r, 1, 1, 0], slotsOf(rule))).toBeCloseTo(second, 7);
  });

  it("corrects the moments of adam by c1 and c2", async () => {
    const adam: UpdateRule = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0 };
    // At the first step m / c1 = g and v / c2 = g^2, so the parameter moves by the learning rate.
    expect(await stepped(adam, 1, [r, 1 - 0.9, 1 - 0.999, 0], 2)).toBeCloseTo(0.9, 12);
  });

  it("decays through the gradient, but beside it for adamw", async () => {
    // g + 0.2 p = 0.7
    expect(await stepped({ name: "sgd", weightDecay: 0.2 }, 1, [r, 1, 1, 0], 0)).toBeCloseTo(0.93, 12);
    const moments = { beta1: 0.5, beta2: 0.5, epsilon: 0, weightDecay: 0.2 };
    const unmoved = -r * Math.SQRT1_2;
    expect(await stepped({ name: "adam", ...moments }, 1, [r, 1, 1, 0], 2)).toBeCloseTo(1 + unmoved, 12);
    expect(await stepped({ name: "adamw", ...moments }, 1, [r, 1, 1, 0], 2)).toBeCloseTo(1 - 0.02 + unmoved, 12);
  });

  it("scales the gradient before decay", async () => {
    expect(await stepped({ name: "sgd", weightDecay: 0.2 }, 1, [r, 1, 1, 0], 0, 0.1)).toBeCloseTo(1 - r * 0.25, 12);
  });
});

describe("cursors", () => {
  it("pick the entry of a table, and advance", async () => {
    const read = await run(
      (builder, f32) => {
        const cursor = builder.buffer("step", "u32", [1]);
        const rows = builder.table("rows", "u32", 3, [1], cursor);
        const total = builder.table("losses", "f32", 3, [1], cursor);
        const batch = f32("batch", 1, 2);
        builder
          .gather({ source: f32("source", 3, 2), rows, scale: 1, out: batch })
          .loss({ loss: "mse", input: batch, target: f32("zero", 1, 2), scale: 1, total })
          .advance(cursor);
      },
      { source: [1, 1, 2, 2, 3, 3], rows: [2, 0, 1] },
      3,
    );
    expect(read("losses")).toEqual([18, 2, 8]);
    expect(read("step")).toEqual([3]);
  });
});
