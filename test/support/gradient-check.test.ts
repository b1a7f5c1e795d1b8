import { describe, expect, it } from "vitest";
import { slice, type View } from "../../src/program/buffer.js";
import { ACTIVATIONS, type Activation, derivativeFrom, LOSSES, type Loss } from "../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import { Random } from "../../src/world/random.js";
import { gradientErrors } from "./gradient-check.js";

const [BATCH, INPUT, HIDDEN, OUTPUT] = [3, 4, 5, 2];

interface Net {
  readonly program: Program;
  readonly views: Readonly<Record<string, View>>;
  readonly length: number;
}

/** x -> activation(x W1 + b1) W2 + b2 -> loss, with its backward pass written out by hand. */
function twoLayers(activation: Activation, loss: Loss): Net {
  const builder = new ProgramBuilder("two layers");
  const shapes = { w1: [INPUT, HIDDEN], b1: [1, HIDDEN], w2: [HIDDEN, OUTPUT], b2: [1, OUTPUT] } as const;
  const length = Object.values(shapes).reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const parameters = builder.buffer("parameters", "f32", [length]);
  const gradients = builder.buffer("gradients", "f32", [length]);
  const views: Record<string, View> = {};
  const gradientOf: Record<string, View> = {};
  let offset = 0;
  for (const [name, [rows, columns]] of Object.entries(shapes)) {
    views[name] = slice(parameters, offset, rows, columns);
    gradientOf[name] = slice(gradients, offset, rows, columns);
    offset += rows * columns;
  }
  const matrix = (name: string, rows: number, columns: number): View => builder.buffer(name, "f32", [rows, columns]);
  const [x, target] = [matrix("x", BATCH, INPUT), matrix("target", BATCH, OUTPUT)];
  const [z, h, y] = [matrix("z", BATCH, HIDDEN), matrix("h", BATCH, HIDDEN), matrix("y", BATCH, OUTPUT)];
  const dh = matrix("dh", BATCH, HIDDEN);
  const total = matrix("loss", 1, 1);
  const at = derivativeFrom(activation) === "input" ? z : h;
  const { w1, b1, w2, b2 } = views;
  builder
    .gemm({ a: x, b: w1, bias: b1, preActivation: z, activation, out: h })
    .gemm({ a: h, b: w2, bias: b2, out: y })
    .loss({ loss, input: y, target, scale: 1 / (BATCH * OUTPUT), total, gradient: y })
    .gemm({ a: h, transposeA: true, b: y, out: gradientOf.w2 })
    .sumRows({ input: y, out: gradientOf.b2 })
    .gemm({ a: y, b: w2, transposeB: true, derivative: { activation, at }, out: dh })
    .gemm({ a: x, transposeA: true, b: dh, out: gradientOf.w1 })
    .sumRows({ input: dh, out: gradientOf.b1 });
  return { program: builder.build(), views, length };
}

function at({ length }: Net) {
  const random = new Random(1);
  const numbers = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw);
  return {
    parameters: numbers(length, () => random.normal()),
    inputs: {
      x: numbers(BATCH * INPUT, () => random.normal()),
      target: numbers(BATCH * OUTPUT, () => random.uniform()),
    },
  };
}

describe.each(ACTIVATIONS)("gradientErrors of two layers of %s", (activation) => {
  it.each(LOSSES)("are below 1e-7 for %s", async (loss) => {
    const net = twoLayers(activation, loss);
    const errors = await gradientErrors({ ...net, ...at(net) });
    expect(Object.keys(errors)).toEqual(["w1", "b1", "w2", "b2"]);
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-7);
  });
});

describe("gradientErrors", () => {
  it("finds the tensor whose gradient is wrong", async () => {
    const net = twoLayers("tanh", "mse");
    // The derivative of sigmoid instead of that of tanh: a mistake that changes the gradient of the first layer only.
    const ops = net.program.ops.map((op) =>
      op.kind === "gemm" && op.derivative
        ? { ...op, derivative: { ...op.derivative, activation: "sigmoid" as const } }
        : op,
    );
    const errors = await gradientErrors({ ...net, ...at(net), program: { ...net.program, ops } });
    expect(errors.w1).toBeGreaterThan(0.1);
    expect(errors.b1).toBeGreaterThan(0.1);
    expect(errors.w2).toBeLessThan(1e-7);
    expect(errors.b2).toBeLessThan(1e-7);
  });
});
