/** The checks that users' own tests call: they pass what is right and tell what is wrong. */
import { afterAll, describe, expect, it } from "vitest";
import { checkGradient } from "../../../src/device/check/check-gradient.js";
import { checkOp } from "../../../src/device/check/check-op.js";
import { openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import type { View } from "../../../src/program/buffer.js";
import { type AnyOp, type OpDefinition, ops } from "../../../src/program/op.js";
import { ProgramBuilder } from "../../../src/program/program.js";

interface Swish {
  readonly kind: "checked/swish" | "checked/wrong";
  readonly input: View;
  readonly out: View;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x sigmoid(x), with its derivative, or with one that lacks a term. */
const swish = (name: Swish["kind"], isRight: boolean): OpDefinition<Swish> => ({
  name,
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check: ({ input, out }, rules) => rules.like(input, { input, out }),
  flops: () => 0,
  gradient({ input, out }, gradients) {
    const inputs = { x: gradients.kept(input), g: gradients.of(out) };
    const second = isRight ? (["mul", "x", ["mul", ["sigmoid", "x"], ["sigmoid", ["neg", "x"]]]] as const) : 0;
    gradients.give(input, {}, (to) => {
      const expression = ["mul", "g", ["add", ["sigmoid", "x"], second]] as const;
      gradients.builder.map({ expression, inputs, out: to.out });
    });
  },
  reference({ input, out }, memory) {
    const [from, to] = [memory(input), memory(out)];
    to.each((i, j) => to.set(i, j, from.get(i, j) * sigmoid(from.get(i, j))));
  },
});

ops.add(swish("checked/swish", true) as unknown as OpDefinition<AnyOp>);
ops.add(swish("checked/wrong", false) as unknown as OpDefinition<AnyOp>);

function program(kind: Swish["kind"]) {
  const builder = new ProgramBuilder("checked");
  const [x, y, of] = [
    builder.buffer("x", "f32", [4]),
    builder.buffer("y", "f32", [4]),
    builder.buffer("of", "f32", [1]),
  ];
  builder.op<Swish>({ kind, input: x, out: y }).reduce({ by: "sum", over: "all", input: y, out: of });
  return { program: builder.build(), of, by: [x], inputs: { x: [0.5, -1, 2, 0] } };
}

describe("checkGradient", () => {
  it("finds a right gradient right", async () => {
    const { program: checked, ...options } = program("checked/swish");
    expect((await checkGradient(checked, options))[0]).toBeLessThan(1e-8);
  });

  it("finds a wrong one wrong", async () => {
    const { program: checked, ...options } = program("checked/wrong");
    expect((await checkGradient(checked, options))[0]).toBeGreaterThan(0.1);
  });
});

describe("checkOp", () => {
  const device = openCpuDevice();
  afterAll(() => device.destroy());

  it("tells how far each buffer is from the reference, the farthest first", async () => {
    const builder = new ProgramBuilder("checked");
    const [x, y] = [builder.buffer("x", "f32", [300]), builder.buffer("y", "f32", [300])];
    builder.map({ expression: ["exp", "x"], inputs: { x }, out: y });
    const [worst, other] = await checkOp(device, builder.build(), {
      x: Float32Array.from({ length: 300 }, (_, i) => i / 30),
    });
    expect([worst.buffer, other]).toEqual(["y", { buffer: "x", error: 0 }]);
    expect(worst.error).toBeGreaterThan(0);
    expect(worst.error).toBeLessThan(1e-6);
  });
});
