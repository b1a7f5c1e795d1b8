import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { type Float, slice, type View } from "../../../src/program/buffer.js";
import { ProgramError } from "../../../src/program/check.js";
import { differentiate } from "../../../src/program/differentiate.js";
import { type BuiltInOp, type Op, ops } from "../../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../../src/program/program.js";
import { Random } from "../../../src/world/random.js";
import { gradientErrors } from "../../support/gradient-check.js";
import { draws, randomProgram } from "./random-program.js";

const numbers = (length: number, seed: number): Float64Array => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => random.between(-1, 1));
};

describe("gradients of random programs", () => {
  it("agree with central differences, with respect to a whole vector that ops read in parts", async () => {
    await fc.assert(
      fc.asyncProperty(draws, fc.nat(), async (all, seed) => {
        const { builder, parameters, total, inputs } = randomProgram(all, seed);
        const gradients = builder.buffer("gradients", "f32", [parameters.columns]);
        const isUsed = builder.ops.some((op) =>
          ops
            .get(op.kind)
            .operands(op)
            .reads.some((view) => view.buffer === parameters.buffer),
        );
        fc.pre(isUsed);
        differentiate(builder, { of: total, by: [{ view: parameters, into: gradients }] });
        const errors = await gradientErrors({
          program: builder.build(),
          parameters: numbers(parameters.columns, seed + 1),
          inputs,
          views: { parameters },
        });
        expect(errors.parameters).toBeLessThan(1e-5);
      }),
      { numRuns: 300 },
    );
  });

  it("are the same where buffers are used again, to the bit", async () => {
    await fc.assert(
      fc.asyncProperty(draws, fc.nat(), async (all, seed) => {
        const results = await Promise.all(
          [true, false].map(async (reuse) => {
            const { builder, parameters, total, inputs } = randomProgram(all, seed);
            fc.pre(
              builder.ops.some((op) =>
                ops
                  .get(op.kind)
                  .operands(op)
                  .reads.some(({ buffer }) => buffer === "parameters"),
              ),
            );
            const [gradient] = differentiate(builder, { of: total, by: [parameters], reuse });
            const executable = await openReferenceDevice().compile(builder.build());
            executable.buffer("parameters").writeExact(numbers(parameters.columns, seed));
            for (const [name, values] of Object.entries(inputs)) executable.buffer(name).writeExact(values);
            executable.run(2);
            return {
              gradient: executable.buffer(gradient.buffer).readExact(),
              buffers: builder.build().buffers.length,
            };
          }),
        );
        expect(results[0].gradient).toEqual(results[1].gradient);
        expect(results[0].buffers).toBeLessThanOrEqual(results[1].buffers);
      }),
      { numRuns: 60 },
    );
  });
});

const BATCH = 3;

/** A fixture with two parameters, an input and a loss. `add` adds the ops in between. */
function net(add: (builder: ProgramBuilder, p: View, x: View, out: View) => View | undefined) {
  const builder = new ProgramBuilder("net");
  const parameters = builder.buffer("parameters", "f32", [6]);
  const x = builder.buffer("x", "f32", [BATCH, 2]);
  const out = builder.buffer("out", "f32", [BATCH, 2]);
  const target = builder.buffer("target", "f32", [BATCH, 2]);
  const total = builder.buffer("loss", "f32", [1]);
  const p = slice(parameters, 0, BATCH, 2);
  const last = add(builder, p, x, out) ?? out;
  builder.loss({
    loss: "mse",
    input: last,
    target: { ...target, rows: last.rows, columns: last.columns },
    scale: 1,
    total,
  });
  return { builder, parameters, total, p };
}

/** Each op that has a rule, in all the cases that its rule distinguishes. */
const CASES: readonly [BuiltInOp["kind"], string, Parameters<typeof net>[0]][] = [
  ["copy", "", (b, p, _, out) => void b.copy({ input: p, out })],
  ["scale", "", (b, p, _, out) => void b.scale({ input: p, factor: -1.5, out })],
  ["scale", "in place", (b, p, _, out) => void b.copy({ input: p, out }).scale({ input: out, factor: 2, out })],
  ["add", "of one view to itself", (b, p, _, out) => void b.add({ a: p, b: p, factor: 0.5, out })],
  [
    "add",
    "in place",
    (b, p, x, out) => void b.scale({ input: p, factor: 3, out }).add({ a: x, b: out, factor: -2, out }),
  ],
  [
    "activate",
    "in place",
    (b, p, _, out) => void b.copy({ input: p, out }).activate({ activation: "tanh", input: out, out }),
  ],
  ["activate", "of its input", (b, p, _, out) => void b.activate({ activation: "gelu", input: p, out })],
  [
    "activationGradient",
    "",
    (b, p, x, out) => void b.activationGradient({ activation: "sigmoid", at: x, gradient: p, out }),
  ],
  [
    "gemm",
    "both factors one",
    (b, p, _, __) => {
      const square = b.buffer("square", "f32", [2, 2]);
      b.gemm({ a: p, b: p, transposeA: true, activation: "gelu", out: square });
      return square;
    },
  ],
  [
    "gemm",
    "that accumulates",
    (b, p, x, out) => {
      const weight = { ...p, rows: 2, columns: 2 };
      b.scale({ input: p, factor: 0.3, out }).gemm({ a: x, b: weight, accumulate: true, activation: "sigmoid", out });
    },
  ],
  [
    "gemm",
    "with a derivative",
    (b, p, x, out) => {
      const weight = { ...p, rows: 2, columns: 2 };
      b.gemm({ a: x, b: weight, derivative: { activation: "tanh", at: x }, out });
    },
  ],
  [
    "gemm",
    "read in two parts",
    (b, p, x, out) => {
      b.gemm({ a: x, b: { ...p, rows: 2, columns: 2 }, activation: "tanh", out });
      const parts = b.buffer("parts", "f32", [1, 4]);
      b.add({ a: slice(out, 0, 1, 4), b: slice(out, 2, 1, 4), factor: 2, out: parts });
      return parts;
    },
  ],
  [
    "gemm",
    "written in two parts",
    (b, p, x, out) => {
      const both = b.buffer("both", "f32", [2 * BATCH, 2]);
      const weight = { ...p, rows: 2, columns: 2 };
      b.gemm({ a: x, b: weight, activation: "tanh", out: slice(both, 0, BATCH, 2) });
      b.copy({ input: p, out: slice(both, 2 * BATCH, BATCH, 2) });
      const ones = b.buffer("ones", "f32", [BATCH, 2 * BATCH]);
      b.fill({ value: 0.4, out: ones }).gemm({ a: ones, b: both, out });
    },
  ],
  [
    "sumRows",
    "that accumulates",
    (b, p, x, _) => {
      const sum = b.buffer("sum", "f32", [1, 2]);
      b.scale({ input: slice(p, 0, 1, 2), factor: 2, out: sum }).sumRows({ input: p, accumulate: true, out: sum });
      const product = b.buffer("product", "f32", [BATCH, 1]);
      b.gemm({ a: x, b: sum, transposeB: true, activation: "tanh", out: product });
      return product;
    },
  ],
];

describe("the gradient rule of an op", () => {
  it.each(CASES)("%s %s agrees with central differences", async (_, __, add) => {
    const { builder, parameters, total, p } = net(add);
    const gradients = builder.buffer("gradients", "f32", [6]);
    differentiate(builder, { of: total, by: [{ view: p, into: { ...gradients, rows: p.rows, columns: p.columns } }] });
    const inputs = { x: numbers(BATCH * 2, 1), target: numbers(BATCH * 2, 2) };
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: numbers(6, 3),
      inputs,
      views: { parameters },
    });
    expect(errors.parameters).toBeLessThan(1e-7);
  });

  it("is there for every op of a forward pass", () => {
    const without = ops
      .all()
      .filter(({ gradient }) => gradient === undefined)
      .map(({ name }) => name);
    expect(without).toEqual(["update", "fill", "clipFactor", "lossScale", "guard", "advance", "random"]);
  });
});

describe("what is derived", () => {
  const kinds = (list: readonly Op[]): string[] => list.map(({ kind }) => kind);

  it("is only what is asked for: the gradient of a last layer needs no product below it", () => {
    const { builder, total, weights } = twoLayers();
    differentiate(builder, { of: total, by: [weights[1]] });
    expect(kinds(builder.ops)).toEqual(["gemm", "gemm", "loss", "gemm"]);
  });

  it("uses a buffer again once its gradient is used up", () => {
    const added = (reuse: boolean): string[] => {
      const builder = new ProgramBuilder("deep");
      const f32 = (name: string, rows: number, columns: number): View => builder.buffer(name, "f32", [rows, columns]);
      const weights = ["w1", "w2", "w3", "w4", "w5"].map((name) => f32(name, 3, 3));
      const x = f32("x", 4, 3);
      const output = weights.reduce((input, weight, i) => {
        const out = f32(`h${i + 1}`, 4, 3);
        builder.gemm({ a: input, b: weight, activation: "tanh", out });
        return out;
      }, x);
      const total = f32("total", 1, 1);
      builder.loss({ loss: "mse", input: output, target: x, scale: 1, total });
      const before = builder.build().buffers.length;
      differentiate(builder, { of: total, by: weights, reuse });
      return builder
        .build()
        .buffers.slice(before + weights.length)
        .map(({ name }) => name);
    };
    expect(added(true)).toEqual(["h5.gradient", "h4.gradient"]);
    expect(added(false)).toEqual(["h5.gradient", "h4.gradient", "h3.gradient", "h2.gradient", "h1.gradient"]);
  });

  it("adds gradients of a narrow activation in f32", async () => {
    const gradientIn = async (type: Float): Promise<number[]> => {
      const builder = new ProgramBuilder("residual");
      const [vector, total] = [builder.buffer("vector", "f32", [9]), builder.buffer("total", "f32", [1])];
      const [weights, x] = [builder.buffer("weights", type, [3, 3]), builder.buffer("x", type, [4, 3])];
      const [h, y, sum] = ["h", "y", "sum"].map((name) => builder.buffer(name, type, [4, 3]));
      builder.copy({ input: { ...vector, rows: 3, columns: 3 }, out: weights });
      builder
        .gemm({ a: x, b: weights, activation: "tanh", out: h })
        .gemm({ a: h, b: weights, activation: "gelu", out: y });
      builder.gemm({ a: h, b: weights, transposeB: true, out: sum });
      const [one, two] = [builder.buffer("one", "f32", [1]), builder.buffer("two", "f32", [1])];
      builder.loss({ loss: "mse", input: y, target: x, scale: 1, total: one });
      builder.loss({ loss: "mse", input: sum, target: x, scale: 1, total: two });
      builder.add({ a: one, b: two, factor: 0.5, out: total });
      const [gradient] = differentiate(builder, { of: total, by: [vector] });
      const executable = await openReferenceDevice().compile(builder.build());
      executable.buffer("vector").writeExact(numbers(9, 1));
      executable.buffer("x").writeExact(numbers(12, 2));
      executable.run();
      return [...executable.buffer(gradient.buffer).readExact()];
    };
    const exact = await gradientIn("f32");
    for (const type of ["f16", "bf16"] as const) {
      const narrow = await gradientIn(type);
      const worst = Math.max(...narrow.map((value, i) => Math.abs(value - exact[i])));
      expect(worst / Math.max(...exact.map(Math.abs))).toBeLessThan(type === "f16" ? 2e-3 : 2e-2);
      expect(worst).toBeGreaterThan(0);
    }
  });

  it("of a program is another program, which has the ops of the first", () => {
    const { builder, total, weights } = twoLayers();
    const program = builder.build();
    const derived: { program: Program; gradients: View[] } = differentiate(program, { of: total, by: weights });
    expect(derived.program.ops.length).toBeGreaterThan(program.ops.length);
    expect(program).toEqual(builder.build());
    expect(derived.gradients.map(({ buffer }) => buffer)).toEqual(["w1.gradient", "w2.gradient"]);
  });

  it("has the gradient of an activation, too, which goes on to what is below", () => {
    const { builder, total, weights, h } = twoLayers();
    const gradients = differentiate(builder, { of: total, by: [h, weights[0]] });
    expect(gradients.map(({ rows, columns }) => [rows, columns])).toEqual([
      [4, 5],
      [3, 5],
    ]);
  });

  it("is zero where nothing reads an activation, whatever was in its place", async () => {
    const builder = new ProgramBuilder("half");
    const f32 = (name: string, rows: number, columns: number): View => builder.buffer(name, "f32", [rows, columns]);
    const [w, h, into, target, total] = [
      f32("w", 2, 2),
      f32("h", 2, 2),
      f32("into", 2, 2),
      f32("t", 1, 2),
      f32("l", 1, 1),
    ];
    builder.scale({ input: w, factor: 3, out: h });
    builder.loss({ loss: "mse", input: slice(h, 0, 1, 2), target, scale: 1, total });
    const [, ofW] = differentiate(builder, { of: total, by: [{ view: h, into }, w] });
    const executable = await openReferenceDevice().compile(builder.build());
    executable.buffer("w").writeExact(Float64Array.of(1, 2, 3, 4));
    executable.buffer("into").writeExact(Float64Array.of(7, 7, 7, 7));
    executable.run();
    const [first, second, ...rest] = executable.buffer(ofW.buffer).readExact();
    expect([second / first, ...rest]).toEqual([2, 0, 0]);
    expect([...executable.buffer("into").readExact()].slice(2)).toEqual([0, 0]);
  });

  it("tells when each gradient is there", () => {
    const { builder, total, weights } = twoLayers();
    const told: [number, string[]][] = [];
    differentiate(builder, {
      of: total,
      by: weights,
      onGradient: (index) => told.push([index, kinds(builder.ops.slice(3))]),
    });
    expect(told).toEqual([
      [1, ["gemm", "gemm"]],
      [0, ["gemm", "gemm", "gemm"]],
    ]);
  });
});

function twoLayers() {
  const builder = new ProgramBuilder("two layers");
  const f32 = (name: string, rows: number, columns: number): View => builder.buffer(name, "f32", [rows, columns]);
  const [x, w1, h] = [f32("x", 4, 3), f32("w1", 3, 5), f32("h", 4, 5)];
  const [w2, y, target, total] = [f32("w2", 5, 2), f32("y", 4, 2), f32("target", 4, 2), f32("total", 1, 1)];
  builder.gemm({ a: x, b: w1, activation: "gelu", out: h }).gemm({ a: h, b: w2, out: y });
  builder.loss({ loss: "mse", input: y, target, scale: 1, total });
  return { builder, x, h, y, total, target, weights: [w1, w2] };
}

describe("differentiate refuses", () => {
  const refused = (act: () => unknown, sentence: string): void => {
    expect(act).toThrow(new ProgramError(sentence));
  };

  it("a loss that is no scalar", () => {
    const { builder, y, weights } = twoLayers();
    refused(
      () => differentiate(builder, { of: y, by: weights }),
      'two layers, differentiate: "of" must be a scalar, f32 [1, 1], got f32 y[4, 2]: sum it first, as a loss does',
    );
  });

  it("a scalar that no op computes", () => {
    const { builder, weights } = twoLayers();
    const other = builder.buffer("other", "f32", [1]);
    refused(
      () => differentiate(builder, { of: other, by: weights }),
      'two layers, differentiate: no op computes "of", other[1, 1]: name the total of a loss, or a sum of totals',
    );
  });

  it("a parameter that the scalar does not depend on", () => {
    const { builder, total } = twoLayers();
    const unused = builder.buffer("unused", "f32", [7, 2]);
    refused(
      () => differentiate(builder, { of: total, by: [unused] }),
      'two layers, differentiate: total[1, 1] does not depend on unused[7, 2]: leave it out of "by", or use it in the forward pass',
    );
  });

  it("a path through an op without a gradient rule", () => {
    const { builder, weights, total } = twoLayers();
    const [norm, factor, sum] = ["norm", "factor", "sum"].map((name) => builder.buffer(name, "f32", [1]));
    builder.norm({ input: weights[0], out: norm }).clipFactor({ norm, maximum: 1, out: factor });
    builder.add({ a: total, b: factor, out: sum });
    refused(
      () => differentiate(builder, { of: sum, by: weights }),
      'two layers, op 4, clipFactor: has no gradient rule, but "of" depends on norm[1, 1] through it: use an op that has one',
    );
  });

  it("a target that depends on parameters", () => {
    const { builder, weights, total, x } = twoLayers();
    const [reconstruction, other] = [builder.buffer("r", "f32", [4, 2]), builder.buffer("other", "f32", [1])];
    builder.gemm({ a: x, b: { ...weights[0], rows: 3, columns: 2 }, out: reconstruction });
    builder.loss({ loss: "mse", input: reconstruction, target: { ...reconstruction }, scale: 1, total: other });
    expect(total.rows).toBe(1);
    refused(
      () => differentiate(builder, { of: other, by: [{ ...weights[0], rows: 3, columns: 2 }] }),
      'two layers, op 4, loss: has no gradient rule for its target: the target must not depend on an entry of "by"',
    );
  });

  it("a value that was overwritten before the backward pass reads it", () => {
    const { builder, weights, h, total } = twoLayers();
    builder.fill({ value: 0, out: h });
    refused(
      () => differentiate(builder, { of: total, by: weights }),
      "two layers, op 1, gemm: its gradient needs h, which op 3, fill, overwrites: give op 3 another output",
    );
  });

  it("the differentiated scalar among the parameters, and a view twice", () => {
    const { builder, total, weights } = twoLayers();
    refused(
      () => differentiate(builder, { of: total, by: [weights[0], total] }),
      'two layers, differentiate: total[1, 1] is in "by" and is "of": its gradient is 1, leave it out',
    );
    refused(
      () => differentiate(builder, { of: total, by: [weights[0], { ...weights[0], rows: 5, columns: 3 }] }),
      'two layers, differentiate: "by" names w1[3, 5] again, as w1[5, 3]: name it once',
    );
  });

  it("places of gradients that do not fit, or that are in use", () => {
    const { builder, total, weights, y } = twoLayers();
    const [view, other] = weights;
    const place = builder.buffer("place", "f32", [16]);
    const by = (into: View) => ({
      of: total,
      by: [
        { view: other, into: slice(place, 0, 5, 2) },
        { view, into },
      ],
    });
    const start = "two layers, differentiate: the gradient of w1[3, 5]";
    refused(
      () => differentiate(builder, by(slice(place, 0, 1, 15))),
      `${start} must go into f32 [3, 5], got f32 place[1, 15]`,
    );
    const end = "give it a buffer of its own";
    for (const [into, on] of [
      [slice(place, 1, 3, 5), "place[5, 2]"],
      [{ ...y, rows: 3, columns: 5 }, "y[4, 2]"],
    ] as const) {
      refused(
        () => differentiate(builder, by(into)),
        `${start} goes into ${into.buffer}[3, 5], which overlaps ${on}: ${end}`,
      );
    }
  });

  it("a factor that the program itself writes, and a derivative whose point is overwritten", () => {
    const { builder, total, weights } = twoLayers();
    const scale = builder.buffer("scale", "f32", [1]);
    builder.fill({ value: 2, out: scale });
    refused(
      () => differentiate(builder, { of: total, by: weights, scale }),
      'two layers, differentiate: "scale", scale[1, 1], must be known before the program begins, but op 3 writes it: write it in an earlier program',
    );
    const fixture = net((b, p, x, out) => {
      b.gemm({ a: x, b: { ...p, rows: 2, columns: 2 }, derivative: { activation: "tanh", at: x }, out });
      b.fill({ value: 0, out: x });
      return undefined;
    });
    refused(
      () => differentiate(fixture.builder, { of: fixture.total, by: [{ ...fixture.p, rows: 2, columns: 2 }] }),
      "net, op 0, gemm: its gradient needs x, which op 1, fill, overwrites: give op 1 another output",
    );
  });

  it("a view that ops wrote in parts", () => {
    const { builder, total } = twoLayers();
    const both = builder.buffer("both", "f32", [2, 2]);
    builder.fill({ value: 1, out: slice(both, 0, 1, 2) }).fill({ value: 2, out: slice(both, 2, 1, 2) });
    refused(
      () => differentiate(builder, { of: total, by: [both] }),
      'two layers, differentiate: ops write both[2, 2] in parts, or it overlaps another entry of "by": name views that do not overlap',
    );
  });
});
