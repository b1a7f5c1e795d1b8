import { describe, expect, it } from "vitest";
import { costOf } from "../../../src/device/cost/cost.js";
import type { View } from "../../../src/program/buffer.js";
import type { UpdateRule } from "../../../src/program/op.js";
import { ProgramBuilder } from "../../../src/program/program.js";

type Declare = (name: string, rows: number, columns: number) => View;

function cost(build: (builder: ProgramBuilder, f32: Declare) => void) {
  const builder = new ProgramBuilder("p");
  build(builder, (name, rows, columns) => builder.buffer(name, "f32", [rows, columns]));
  return costOf(builder.build());
}

describe("gemm", () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("costs 2 m n k and its operands once (transposeA %s, transposeB %s)", (transposeA, transposeB) => {
    const [m, n, k] = [5, 7, 11];
    const { flops, bytesRead, bytesWritten } = cost((builder, f32) => {
      const a = transposeA ? f32("a", k, m) : f32("a", m, k);
      const b = transposeB ? f32("b", n, k) : f32("b", k, n);
      builder.gemm({ a, b, out: f32("out", m, n), transposeA, transposeB });
    });
    expect({ flops, bytesRead, bytesWritten }).toEqual({
      flops: 2 * m * n * k,
      bytesRead: 4 * (m * k + k * n),
      bytesWritten: 4 * m * n,
    });
  });

  it("adds its epilogue", () => {
    const { flops, bytesRead, bytesWritten } = cost((builder, f32) => {
      const [a, b, out] = [f32("a", 2, 3), f32("b", 3, 4), f32("out", 2, 4)];
      const [bias, preActivation, at] = [f32("bias", 1, 4), f32("pre", 2, 4), f32("at", 2, 4)];
      const derivative = { activation: "sigmoid", at } as const;
      builder.gemm({ a, b, out, accumulate: true, bias, preActivation, activation: "relu", derivative });
    });
    // accumulate 1, bias 1, relu 1, y (1 - y) 2 and its product 1
    expect(flops).toBe(8 * (6 + 6));
    expect(bytesRead).toBe(4 * (6 + 12 + 4 + 8 + 8));
    expect(bytesWritten).toBe(4 * (8 + 8));
  });
});

describe("bytes", () => {
  it("of a gather are those of the rows it takes", () => {
    const { bytesRead, bytesWritten } = cost((builder, f32) => {
      const cursor = builder.buffer("step", "u32", [1]);
      const source = builder.buffer("source", "u8", [60000, 784]);
      const rows = builder.table("rows", "u32", 100, [32], cursor);
      builder.gather({ source, rows, scale: 1 / 255, out: f32("out", 32, 784) });
    });
    expect(bytesRead).toBe(32 * 784 + 32 * 4 + 4);
    expect(bytesWritten).toBe(32 * 784 * 4);
  });

  it("of f16 are half", () => {
    const { bytesRead, bytesWritten } = cost((builder, f32) => {
      builder.copy({ input: f32("x", 3, 4), out: builder.buffer("y", "f16", [3, 4]) });
    });
    expect([bytesRead, bytesWritten]).toEqual([48, 24]);
  });

  it("of an update count parameters and state both ways", () => {
    const { bytesRead, bytesWritten } = cost((builder, f32) => {
      const rule: UpdateRule = { name: "momentum", mu: 0.9, weightDecay: 0 };
      const [parameters, gradients, velocity] = [f32("p", 1, 10), f32("g", 1, 10), f32("v", 1, 10)];
      builder.update({ rule, parameters, gradients, state: [velocity], scalars: f32("s", 1, 4) });
    });
    expect(bytesRead).toBe(4 * 34);
    expect(bytesWritten).toBe(4 * 20);
  });
});

describe("flops", () => {
  const RULES: readonly [UpdateRule, number][] = [
    [{ name: "sgd", weightDecay: 0 }, 2],
    [{ name: "sgd", weightDecay: 0.1 }, 4],
    [{ name: "momentum", mu: 0.9, weightDecay: 0 }, 4],
    [{ name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }, 14],
    [{ name: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 }, 17],
  ];
  it.each(RULES)("of one parameter's update by %o are %d, and one more when scaled", (rule, flops) => {
    const slots = rule.name === "sgd" ? 0 : rule.name === "momentum" ? 1 : 2;
    const of = (scaled: boolean): number =>
      cost((builder, f32) => {
        const state = Array.from({ length: slots }, (_, i) => f32(`state${i}`, 1, 10));
        const views = { parameters: f32("p", 1, 10), gradients: f32("g", 1, 10), scalars: f32("s", 1, 4) };
        builder.update({ rule, ...views, state, gradientScale: scaled ? f32("factor", 1, 1) : undefined });
      }).flops;
    expect(of(false)).toBe(10 * flops);
    expect(of(true)).toBe(10 * (flops + 1));
  });

  it("of a loss grow by its gradient", () => {
    const of = (wanted: boolean): number =>
      cost((builder, f32) => {
        const views = { input: f32("x", 3, 4), target: f32("t", 3, 4), total: f32("total", 1, 1) };
        builder.loss({ loss: "mse", scale: 1, ...views, gradient: wanted ? f32("g", 3, 4) : undefined });
      }).flops;
    expect(of(false)).toBe(12 * 3 + 1);
    expect(of(true)).toBe(12 * 5 + 1);
  });

  it("of a loss scale are a handful", () => {
    const of = (maximum?: number): number =>
      cost((builder, f32) => {
        builder.lossScale({ norm: f32("n", 1, 1), state: f32("s", 1, 2), maximum, interval: 5, out: f32("o", 1, 1) });
      }).flops;
    expect([of(), of(1)]).toEqual([4, 7]);
  });

  it("of a guard are a handful", () => {
    const { flops } = cost((builder, f32) => {
      builder.guard({ norm: f32("n", 1, 1), loss: f32("l", 1, 1), state: f32("s", 1, 2), out: f32("o", 1, 1) });
    });
    expect(flops).toBe(4);
  });

  it("of moving data are none", () => {
    const { flops } = cost((builder, f32) => {
      builder
        .copy({ input: f32("x", 3, 4), out: f32("y", 3, 4) })
        .fill({ value: 1, out: f32("z", 3, 4) })
        .advance(builder.buffer("step", "u32", [1]));
    });
    expect(flops).toBe(0);
  });
});

describe("a program", () => {
  it("costs the sum of its ops, in order and by kind", () => {
    const { perOp, perKind, ...total } = cost((builder, f32) => {
      const [x, y, out] = [f32("x", 2, 3), f32("y", 2, 3), f32("out", 1, 1)];
      builder.scale({ input: x, factor: 2, out: y }).scale({ input: y, factor: 2, out: x }).norm({ input: x, out });
    });
    expect(perOp.map(({ kind }) => kind)).toEqual(["scale", "scale", "norm"]);
    expect(perKind.get("scale")).toEqual({ flops: 12, bytesRead: 48, bytesWritten: 48 });
    expect(perKind.get("norm")).toEqual({ flops: 13, bytesRead: 24, bytesWritten: 4 });
    expect(total).toEqual({ flops: 25, bytesRead: 72, bytesWritten: 52 });
  });
});
