import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slice, type View } from "../../src/program/buffer.js";
import { ProgramError } from "../../src/program/check.js";
import { ACTIVATIONS, LOSSES, UPDATE_RULES, type UpdateRule } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";

/** Buffers of many types and shapes; a test takes those it needs. */
function fixture() {
  const builder = new ProgramBuilder("p");
  const f32 = (name: string, rows: number, columns: number): View => builder.buffer(name, "f32", [rows, columns]);
  const step = builder.buffer("step", "u32", [1]);
  return {
    builder,
    step,
    pixels: builder.buffer("pixels", "u8", [10, 6]),
    rows: builder.buffer("rows", "u32", [4]),
    a: f32("a", 4, 6),
    b: f32("b", 6, 3),
    out: f32("out", 4, 3),
    bias: f32("bias", 1, 3),
    x: f32("x", 4, 6),
    y: f32("y", 4, 6),
    one: f32("one", 1, 1),
    scalars: f32("scalars", 1, 4),
    table: builder.table("table", "f32", 5, [4], step),
    vector: f32("vector", 1, 24),
    elsewhere: f32("elsewhere", 4, 4),
    half: builder.buffer("half", "f16", [4, 6]),
    halfOut: builder.buffer("halfOut", "f16", [4, 3]),
    state: f32("state", 1, 2),
  };
}
type Fixture = ReturnType<typeof fixture>;

const SGD: UpdateRule = { name: "sgd", weightDecay: 0 };
const ADAM: UpdateRule = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** [the rule, an op that breaks it, the sentence] */
const BROKEN: readonly [string, (f: Fixture) => unknown, string][] = [
  [
    "a buffer must be declared",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, buffer: "z" } }),
    'fill: buffer "z" is not declared; declare it with builder.buffer(...)',
  ],
  [
    "a view has its buffer's type",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, type: "u8" } }),
    "fill: x[4, 6] is viewed as u8, but the buffer holds f32",
  ],
  [
    "an offset is a whole number",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, offset: -1 } }),
    "fill: offset of x[4, 6] must be a whole number from 0, got -1",
  ],
  [
    "rows are a whole number from 1",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, rows: 0 } }),
    "fill: rows of x[0, 6] must be a whole number from 1, got 0",
  ],
  [
    "columns are a whole number from 1",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, columns: 1.5 } }),
    "fill: columns of x[4, 1.5] must be a whole number from 1, got 1.5",
  ],
  [
    "a view ends within its buffer",
    ({ builder, x }) => builder.fill({ value: 0, out: { ...x, offset: 1 } }),
    "fill: x[4, 6] must end within its buffer of 24 elements, ends at 25",
  ],
  [
    "only tables move by a cursor",
    ({ builder, table }) => builder.fill({ value: 0, out: table }),
    "fill: table[1, 4] may not be moved by a cursor; only gather.rows, loss.total, update.scalars, guard.loss, random.position",
  ],
  [
    "a cursor is a u32 of one element",
    ({ builder, x, y, table }) =>
      builder.update({ rule: SGD, parameters: x, gradients: y, state: [], scalars: { ...table, cursor: "one" } }),
    'update: cursor "one" must be a u32 buffer of one element',
  ],
  [
    "a cursor is declared",
    ({ builder, x, y, table }) =>
      builder.update({ rule: SGD, parameters: x, gradients: y, state: [], scalars: { ...table, cursor: "none" } }),
    'update: cursor "none" must be a u32 buffer of one element',
  ],
  [
    "a table holds whole entries",
    ({ builder, x, y, table }) =>
      builder.update({ rule: SGD, parameters: x, gradients: y, state: [], scalars: { ...table, offset: 1 } }),
    'update: table "table" must hold whole entries of 4',
  ],
  [
    "gather: source is u8 or f32",
    ({ builder, rows, x }) => builder.gather({ source: rows, rows, scale: 1, out: x }),
    "gather: source must be u8 or f32, got u32",
  ],
  [
    "gather: rows are u32",
    ({ builder, pixels, bias, x }) => builder.gather({ source: pixels, rows: bias, scale: 1, out: x }),
    "gather: rows must be u32, got f32",
  ],
  [
    "gather: out is float",
    ({ builder, pixels, rows, step }) => builder.gather({ source: pixels, rows, scale: 1, out: step }),
    "gather: out must be f32, f16 or bf16, got u32",
  ],
  [
    "gather: scale is finite",
    ({ builder, pixels, rows, x }) => builder.gather({ source: pixels, rows, scale: Number.NaN, out: x }),
    "gather: scale must be a finite float32 number, got NaN",
  ],
  [
    "gather: out has a row a row number",
    ({ builder, pixels, rows, vector }) => builder.gather({ source: pixels, rows, scale: 1, out: vector }),
    "gather: out must be [4, 6], got [1, 24]",
  ],
  [
    "gather: rows are one row",
    ({ builder, pixels, rows, x }) =>
      builder.gather({ source: pixels, rows: { ...rows, rows: 4, columns: 1 }, scale: 1, out: slice(x, 0, 1, 6) }),
    "gather: rows must be [1, 1], got [4, 1]",
  ],
  [
    "gemm: a is float",
    ({ builder, pixels, b, out }) => builder.gemm({ a: slice(pixels, 0, 4, 6), b, out }),
    "gemm: a must be f32, f16 or bf16, got u8",
  ],
  [
    "gemm: a and b have one type",
    ({ builder, half, b, out }) => builder.gemm({ a: half, b, out }),
    "gemm: b must be f16, got f32",
  ],
  [
    "gemm: what stands beside out has its type",
    ({ builder, a, b, out, halfOut }) => builder.gemm({ a, b, out, preActivation: halfOut }),
    "gemm: preActivation must be f32, got f16",
  ],
  [
    "gemm: the derivative's point has the type of out",
    ({ builder, a, b, out, halfOut }) =>
      builder.gemm({ a, b, out: halfOut, derivative: { activation: "relu", at: out } }),
    "gemm: derivative.at must be f16, got f32",
  ],
  [
    "gemm: sums that go on are f32",
    ({ builder, a, b, halfOut }) => builder.gemm({ a, b, accumulate: true, out: halfOut }),
    "gemm: out, which accumulates, must be f32, got f16",
  ],
  [
    "activate: operands are f32",
    ({ builder, half }) => builder.activate({ activation: "relu", input: half, out: half }),
    "activate: input must be f32, got f16",
  ],
  [
    "loss: gradientScale is one number",
    ({ builder, x, y, one, bias }) =>
      builder.loss({ loss: "mse", input: x, target: y, scale: 1, total: one, gradientScale: bias }),
    "loss: gradientScale must be [1, 1], got [1, 3]",
  ],
  [
    "loss: gradientScale is f32",
    ({ builder, x, y, one, half }) =>
      builder.loss({ loss: "mse", input: x, target: y, scale: 1, total: one, gradientScale: slice(half, 0, 1, 1) }),
    "loss: gradientScale must be f32, got f16",
  ],
  [
    "gemm: inner sizes match",
    ({ builder, a, x, out }) => builder.gemm({ a, b: x, out }),
    "gemm: inner sizes must match, got 6 (a) and 4 (b)",
  ],
  [
    "gemm: inner sizes match when transposed",
    ({ builder, a, b, out }) => builder.gemm({ a, b, out, transposeA: true, transposeB: true }),
    "gemm: inner sizes must match, got 4 (a transposed) and 3 (b transposed)",
  ],
  [
    "gemm: out is [m, n]",
    ({ builder, a, b, x }) => builder.gemm({ a, b, out: x }),
    "gemm: out must be [4, 3], got [4, 6]",
  ],
  [
    "gemm: bias is [1, n]",
    ({ builder, a, b, out, vector }) => builder.gemm({ a, b, out, bias: vector }),
    "gemm: bias must be [1, 3], got [1, 24]",
  ],
  [
    "gemm: preActivation is [m, n]",
    ({ builder, a, b, out, x }) => builder.gemm({ a, b, out, preActivation: x }),
    "gemm: preActivation must be [4, 3], got [4, 6]",
  ],
  [
    "gemm: derivative.at is [m, n]",
    ({ builder, a, b, out, x }) => builder.gemm({ a, b, out, derivative: { activation: "relu", at: x } }),
    "gemm: derivative.at must be [4, 3], got [4, 6]",
  ],
  [
    "gemm: out is no input",
    ({ builder, elsewhere: square, x }) => builder.gemm({ a: square, b: slice(x, 0, 4, 4), out: square }),
    "gemm: output elsewhere[4, 4] must not overlap input elsewhere[4, 4]",
  ],
  [
    "gemm: an accumulated out is no other input",
    ({ builder, elsewhere: square, x }) =>
      builder.gemm({ a: square, b: slice(x, 0, 4, 4), out: square, accumulate: true }),
    "gemm: output elsewhere[4, 4] must not overlap input elsewhere[4, 4]",
  ],
  [
    "gemm: outputs are apart",
    ({ builder, a, b, x }) => builder.gemm({ a, b, out: slice(x, 0, 4, 3), preActivation: slice(x, 11, 4, 3) }),
    "gemm: outputs x[4, 3] and x[4, 3] must not overlap",
  ],
  [
    "activate: out has the shape of input",
    ({ builder, x, vector }) => builder.activate({ activation: "relu", input: x, out: vector }),
    "activate: out must be [4, 6], got [1, 24]",
  ],
  [
    "activate: in place is the same view, not a shifted one",
    ({ builder, x }) => builder.activate({ activation: "relu", input: slice(x, 0, 2, 6), out: slice(x, 6, 2, 6) }),
    "activate: output x[2, 6] must not overlap input x[2, 6]",
  ],
  [
    "activationGradient: at has the shape of gradient",
    ({ builder, x, y, vector }) => builder.activationGradient({ activation: "tanh", gradient: x, at: vector, out: y }),
    "activationGradient: at must be [4, 6], got [1, 24]",
  ],
  [
    "activationGradient: out is not at",
    ({ builder, x, y }) => builder.activationGradient({ activation: "tanh", gradient: x, at: y, out: y }),
    "activationGradient: output y[4, 6] must not overlap input y[4, 6]",
  ],
  [
    "loss: scale is finite",
    ({ builder, x, y, one }) => builder.loss({ loss: "mse", input: x, target: y, scale: 1 / 0, total: one }),
    "loss: scale must be a finite float32 number, got Infinity",
  ],
  [
    "loss: target has the shape of input",
    ({ builder, x, vector, one }) => builder.loss({ loss: "mse", input: x, target: vector, scale: 1, total: one }),
    "loss: target must be [4, 6], got [1, 24]",
  ],
  [
    "loss: total is one number",
    ({ builder, x, y, bias }) => builder.loss({ loss: "mse", input: x, target: y, scale: 1, total: bias }),
    "loss: total must be [1, 1], got [1, 3]",
  ],
  [
    "loss: gradient is not target",
    ({ builder, x, y, one }) => builder.loss({ loss: "mse", input: x, target: y, scale: 1, total: one, gradient: y }),
    "loss: output y[4, 6] must not overlap input y[4, 6]",
  ],
  [
    "sumRows: out is one row",
    ({ builder, x, out }) => builder.sumRows({ input: x, out }),
    "sumRows: out must be [1, 6], got [4, 3]",
  ],
  [
    "sumRows: an accumulated out is not input",
    ({ builder, bias }) => builder.sumRows({ input: bias, out: bias, accumulate: true }),
    "sumRows: output bias[1, 3] must not overlap input bias[1, 3]",
  ],
  [
    "update: a state view a slot",
    ({ builder, x, y, scalars }) => builder.update({ rule: ADAM, parameters: x, gradients: y, state: [], scalars }),
    "update: adam needs 2 state views, got 0",
  ],
  [
    "update: gradients have the shape of parameters",
    ({ builder, x, vector, scalars }) =>
      builder.update({ rule: SGD, parameters: x, gradients: vector, state: [], scalars }),
    "update: gradients must be [4, 6], got [1, 24]",
  ],
  [
    "update: state has the shape of parameters, and is named",
    ({ builder, x, y, a, vector, scalars }) =>
      builder.update({ rule: ADAM, parameters: x, gradients: y, state: [a, vector], scalars }),
    "update: state second must be [4, 6], got [1, 24]",
  ],
  [
    "update: scalars are four",
    ({ builder, x, y, bias }) => builder.update({ rule: SGD, parameters: x, gradients: y, state: [], scalars: bias }),
    "update: scalars must be [1, 4], got [1, 3]",
  ],
  [
    "update: constants are finite",
    ({ builder, x, y, scalars }) =>
      builder.update({ rule: { ...SGD, weightDecay: Number.NaN }, parameters: x, gradients: y, state: [], scalars }),
    "update: weightDecay must be a finite float32 number, got NaN",
  ],
  [
    "update: gradientScale is one number",
    ({ builder, x, y, scalars, bias }) =>
      builder.update({ rule: SGD, parameters: x, gradients: y, state: [], scalars, gradientScale: bias }),
    "update: gradientScale must be [1, 1], got [1, 3]",
  ],
  [
    "scale: factor is finite",
    ({ builder, x, y }) => builder.scale({ input: x, factor: Number.NaN, out: y }),
    "scale: factor must be a finite float32 number, got NaN",
  ],
  [
    "scale: out has the shape of input",
    ({ builder, x, out }) => builder.scale({ input: x, factor: 1, out }),
    "scale: out must be [4, 6], got [4, 3]",
  ],
  [
    "add: factor is finite",
    ({ builder, x, y, a }) => builder.add({ a, b: x, factor: 1e39, out: y }),
    "add: factor must be a finite float32 number, got 1e+39",
  ],
  [
    "add: b has the shape of a",
    ({ builder, a, out, y }) => builder.add({ a, b: out, out: y }),
    "add: b must be [4, 6], got [4, 3]",
  ],
  [
    "copy: to float",
    ({ builder, rows, elsewhere }) => builder.copy({ input: slice(elsewhere, 0, 1, 4), out: rows }),
    "copy: out must be f32, f16 or bf16, got u32",
  ],
  [
    "copy: not in place",
    ({ builder, x }) => builder.copy({ input: x, out: x }),
    "copy: output x[4, 6] must not overlap input x[4, 6]",
  ],
  [
    "fill: value is finite",
    ({ builder, x }) => builder.fill({ value: Number.NaN, out: x }),
    "fill: value must be a finite float32 number, got NaN",
  ],
  ["fill: out is f32", ({ builder, rows }) => builder.fill({ value: 0, out: rows }), "fill: out must be f32, got u32"],
  [
    "norm: out is one number",
    ({ builder, x, bias }) => builder.norm({ input: x, out: bias }),
    "norm: out must be [1, 1], got [1, 3]",
  ],
  [
    "clipFactor: maximum is above 0",
    ({ builder, one, bias }) => builder.clipFactor({ norm: one, maximum: 0, out: slice(bias, 0, 1, 1) }),
    "clipFactor: maximum must be above 0, got 0",
  ],
  [
    "clipFactor: maximum is finite",
    ({ builder, one, bias }) => builder.clipFactor({ norm: one, maximum: 1 / 0, out: slice(bias, 0, 1, 1) }),
    "clipFactor: maximum must be a finite float32 number, got Infinity",
  ],
  [
    "clipFactor: norm is one number",
    ({ builder, one, bias }) => builder.clipFactor({ norm: bias, maximum: 1, out: one }),
    "clipFactor: norm must be [1, 1], got [1, 3]",
  ],
  [
    "lossScale: state is two numbers",
    ({ builder, one, bias, vector }) =>
      builder.lossScale({ norm: one, state: bias, interval: 1, out: slice(vector, 0, 1, 1) }),
    "lossScale: state must be [1, 2], got [1, 3]",
  ],
  [
    "lossScale: interval is a whole number from 1",
    ({ builder, one, state, vector }) =>
      builder.lossScale({ norm: one, state, interval: 0.5, out: slice(vector, 0, 1, 1) }),
    "lossScale: interval must be a whole number from 1, got 0.5",
  ],
  [
    "lossScale: maximum is above 0",
    ({ builder, one, state, vector }) =>
      builder.lossScale({ norm: one, state, interval: 1, maximum: 0, out: slice(vector, 0, 1, 1) }),
    "lossScale: maximum must be above 0, got 0",
  ],
  [
    "guard: state is two numbers",
    ({ builder, one, bias, vector }) =>
      builder.guard({ norm: one, loss: one, state: bias, out: slice(vector, 0, 1, 1) }),
    "guard: state must be [1, 2], got [1, 3]",
  ],
  [
    "guard: loss is one number",
    ({ builder, one, state, bias, vector }) =>
      builder.guard({ norm: one, loss: bias, state, out: slice(vector, 0, 1, 1) }),
    "guard: loss must be [1, 1], got [1, 3]",
  ],
  [
    "guard: out is no input",
    ({ builder, one, state }) => builder.guard({ norm: one, loss: one, state, out: one }),
    "guard: output one[1, 1] must not overlap input one[1, 1]",
  ],
  ["advance: a cursor is u32", ({ builder, one }) => builder.advance(one), "advance: cursor must be u32, got f32"],
  [
    "advance: a cursor is one element",
    ({ builder, rows }) => builder.advance(rows),
    "advance: cursor must be [1, 1], got [1, 4]",
  ],
];

describe("a broken rule is one sentence", () => {
  it.each(BROKEN)("%s", (_, broken, sentence) => {
    expect(() => broken(fixture())).toThrow(new ProgramError(`p, op 0, ${sentence}`));
  });

  it("names the near word of an unknown one", () => {
    const { builder, x, y, one, scalars } = fixture();
    // The words of the types, misspelled as JavaScript would let one.
    const word = (misspelled: string): never => misspelled as never;
    expect(() => builder.activate({ activation: word("sigmod"), input: x, out: y })).toThrow(
      `p, op 0, activate: unknown activation "sigmod": did you mean "sigmoid"? (one of ${ACTIVATIONS.join(", ")})`,
    );
    expect(() => builder.loss({ loss: word("mae"), input: x, target: y, scale: 1, total: one })).toThrow(
      `p, op 0, loss: unknown loss "mae": did you mean "mse"? (one of ${LOSSES.join(", ")})`,
    );
    const rule = { name: word("adan"), weightDecay: 0 };
    expect(() => builder.update({ rule, parameters: x, gradients: y, state: [], scalars })).toThrow(
      `p, op 0, update: unknown update rule "adan": did you mean "adam"? (one of ${UPDATE_RULES.join(", ")})`,
    );
  });
});

describe("keys", () => {
  // What JavaScript would let one write.
  const wrong = (args: object): never => args as never;

  it.each<readonly [string, (f: Fixture) => unknown, string]>([
    [
      "an unknown one of an op",
      ({ builder, a, b, out }) => builder.gemm(wrong({ a, b, out, activatoin: "relu" })),
      'gemm: unknown key "activatoin": did you mean "activation"? (one of a, b, transposeA, transposeB, accumulate, bias, preActivation, activation, derivative, out)',
    ],
    [
      "an unknown one of a derivative",
      ({ builder, a, b, out, x }) => builder.gemm(wrong({ a, b, out, derivative: { activation: "relu", att: x } })),
      'gemm: unknown key of derivative "att": did you mean "at"? (one of activation, at)',
    ],
    [
      "an unknown one of a rule",
      ({ builder, x, y, scalars }) =>
        builder.update(wrong({ rule: { ...SGD, mu: 0.9 }, parameters: x, gradients: y, state: [], scalars })),
      'update: unknown key of rule sgd "mu": use one of name, weightDecay',
    ],
    [
      "an unknown one of a view",
      ({ builder, x }) => builder.fill(wrong({ value: 0, out: { ...x, ofset: 3 } })),
      'fill: unknown key of a view "ofset": did you mean "offset"? (one of buffer, type, offset, rows, columns, cursor)',
    ],
    [
      "a missing one of an op",
      ({ builder, x }) => builder.scale(wrong({ input: x, out: x })),
      "scale: factor is missing",
    ],
    [
      "a missing one of a rule",
      ({ builder, x, y, scalars }) =>
        builder.update(wrong({ rule: { name: "sgd" }, parameters: x, gradients: y, state: [], scalars })),
      "update: weightDecay of rule sgd is missing",
    ],
    [
      "a number where a view belongs",
      ({ builder, x }) => builder.add(wrong({ a: x, b: 2, out: x })),
      "add: an operand must be a view, as builder.buffer(...) returns it",
    ],
  ])("%s is refused", (_, broken, sentence) => {
    expect(() => broken(fixture())).toThrow(new ProgramError(`p, op 0, ${sentence}`));
  });
});

describe("what the rules allow", () => {
  it("a gemm of any shape and transposes, and only if its inner sizes and its out fit", () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.tuple(size, size, size, size, size, size), fc.boolean(), fc.boolean(), (sizes, ta, tb) => {
        const [ar, ac, br, bc, rows, columns] = sizes;
        const builder = new ProgramBuilder("p");
        const a = builder.buffer("a", "f32", [ar, ac]);
        const b = builder.buffer("b", "f32", [br, bc]);
        const out = builder.buffer("out", "f32", [rows, columns]);
        const fits = (ta ? ar : ac) === (tb ? bc : br) && rows === (ta ? ac : ar) && columns === (tb ? br : bc);
        const add = () => builder.gemm({ a, b, out, transposeA: ta, transposeB: tb });
        if (fits) expect(add).not.toThrow();
        else expect(add).toThrow(ProgramError);
      }),
      {
        examples: [
          [[2, 3, 3, 4, 2, 4], false, false],
          [[3, 2, 4, 3, 2, 4], true, true],
        ],
      },
    );
  });

  it("two views of one buffer as input and output, exactly when they share no element", () => {
    const part = fc.record({ offset: fc.nat(12), length: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(part, fc.nat(12), ({ offset, length }, to) => {
        const builder = new ProgramBuilder("p");
        const all = builder.buffer("x", "f32", [16]);
        const apart = offset + length <= to || to + length <= offset;
        const copy = () => builder.copy({ input: slice(all, offset, 1, length), out: slice(all, to, 1, length) });
        if (apart) expect(copy).not.toThrow();
        else expect(copy).toThrow(/must not overlap/);
      }),
    );
  });

  it("in place, the ops that say so", () => {
    const { builder, x, y, a, one, scalars, step } = fixture();
    builder
      .activate({ activation: "gelu", input: x, out: x })
      .activationGradient({ activation: "gelu", gradient: x, at: y, out: x })
      .loss({ loss: "bce", input: x, target: y, scale: 1, total: one, gradient: x })
      .scale({ input: x, factor: 2, out: x })
      .add({ a: x, b: y, out: x })
      .add({ a: x, b: y, out: y })
      .update({ rule: { name: "momentum", mu: 0.9, weightDecay: 0 }, parameters: x, gradients: y, state: [a], scalars })
      .advance(step);
    expect(builder.build().ops).toHaveLength(8);
  });

  it("a view moved by a cursor where a table may stand, and nothing that could meet it", () => {
    const { builder, pixels, x, y, table, step, one } = fixture();
    const batches = builder.table("batches", "u32", 3, [4], step);
    const losses = builder.table("losses", "f32", 3, [1], step);
    builder
      .gather({ source: pixels, rows: batches, scale: 1, out: x })
      .loss({ loss: "mse", input: x, target: y, scale: 1, total: losses })
      .update({ rule: SGD, parameters: x, gradients: y, state: [], scalars: table });
    const last = { ...one, buffer: "losses", offset: 2 };
    expect(() => builder.loss({ loss: "mse", input: last, target: one, scale: 1, total: losses })).toThrow(
      "p, op 3, loss: output losses[1, 1] must not overlap input losses[1, 1]",
    );
  });
});
