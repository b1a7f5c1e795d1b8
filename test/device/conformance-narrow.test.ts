/** Floats of 16 bits on every device that has them, against the float64 reference; and how the others refuse them. */
import { describe, expect, it } from "vitest";
import { DeviceLimitError } from "../../src/device/device.js";
import { fromFloats, type NarrowFloat, toFloats } from "../../src/program/narrow-float.js";
import { ACTIVATIONS, LOSSES } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, isBrief, lacks } from "../support/devices.js";
import { between, derivativePoint, lopsided, normal, Scenario } from "../support/scenario.js";

const TRANSPOSES = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** Single elements, thin, odd, whole tiles, a thin layer of MNIST (the reference rounds what it reads, which is slow), and a sum longer than one block of it. */
const SHAPES = [
  { m: 1, n: 1, k: 1 },
  { m: 13, n: 1, k: 3 },
  { m: 17, n: 31, k: 13 },
  { m: 64, n: 64, k: 64 },
  { m: 65, n: 63, k: 67 },
  { m: 20, n: 70, k: 784 },
  { m: 8, n: 24, k: 3001 },
];

function products(narrow: NarrowFloat, { m, n, k }: (typeof SHAPES)[number]): Scenario[] {
  return TRANSPOSES.flatMap(([transposeA, transposeB]) =>
    (["f32", narrow] as const).map((type) => {
      const scenario = new Scenario(`${narrow} gemm ${[m, n, k, transposeA, transposeB]} to ${type}`);
      scenario.builder.gemm({
        a: scenario.narrow(narrow, "a", transposeA ? [k, m] : [m, k], lopsided),
        b: scenario.narrow(narrow, "b", transposeB ? [n, k] : [k, n], lopsided),
        ...{ transposeA, transposeB },
        out: scenario.float(type, "out", [m, n]),
      });
      return scenario;
    }),
  );
}

/** Each activation with the pre-activation that a layer keeps, and each derivative. Also with factors in f32. */
function epilogues(narrow: NarrowFloat): Scenario {
  const scenario = new Scenario(`${narrow} epilogues`);
  const [m, n, k] = [37, 43, 29];
  const bias = scenario.f32("bias", [1, n]);
  for (const type of ["f32", narrow] as const) {
    const [a, b] = [scenario.float(type, `a ${type}`, [m, k]), scenario.float(type, `b ${type}`, [k, n])];
    for (const activation of ACTIVATIONS) {
      const name = `${activation} ${type}`;
      const at = scenario.narrow(narrow, `at ${name}`, [m, n], derivativePoint(activation, normal));
      const preActivation = scenario.narrow(narrow, `pre ${name}`, [m, n]);
      scenario.builder
        .gemm({ a, b, bias, preActivation, activation, out: scenario.narrow(narrow, `out ${name}`, [m, n]) })
        .gemm({ a, b, derivative: { activation, at }, out: scenario.narrow(narrow, `back ${name}`, [m, n]) });
    }
  }
  return scenario;
}

function accumulated(narrow: NarrowFloat): Scenario {
  const scenario = new Scenario(`${narrow} factors added to f32`);
  const [a, b] = [scenario.narrow(narrow, "a", [19, 23]), scenario.narrow(narrow, "b", [23, 21])];
  scenario.builder.gemm({ a, b, accumulate: true, out: scenario.f32("out", [19, 21]) });
  return scenario;
}

function atOddOffsets(narrow: NarrowFloat): Scenario {
  const scenario = new Scenario(`${narrow} gemm at odd offsets`);
  scenario.builder.gemm({
    a: scenario.narrowAt(narrow, 1, "a", [9, 21]),
    b: scenario.narrowAt(narrow, 3, "b", [21, 10]),
    bias: scenario.f32At(7, "bias", [1, 10]),
    preActivation: scenario.narrowAt(narrow, 5, "pre", [9, 10]),
    activation: "tanh",
    derivative: { activation: "leaky-relu", at: scenario.narrowAt(narrow, 9, "at", [9, 10]) },
    out: scenario.narrowAt(narrow, 11, "out", [9, 10]),
  });
  return scenario;
}

/** The other ops that take f16, over a vector of several stretches and one element more. */
function vectors(narrow: NarrowFloat, rows: number, columns: number): Scenario {
  const scenario = new Scenario(`${narrow} vectors of [${rows}, ${columns}]`);
  const shape = [rows, columns] as const;
  const [wide, half] = [scenario.f32At(1, "wide", shape), scenario.narrowAt(narrow, 3, "half", shape)];
  const scale = scenario.f32("scale", [1, 1], between(100, 200));
  scenario.builder
    .copy({ input: wide, out: scenario.narrowAt(narrow, 1, "narrowed", shape) })
    .copy({ input: half, out: scenario.f32("widened", shape) })
    .copy({ input: half, out: scenario.narrow(narrow, "copied", shape) })
    .sumRows({ input: half, out: scenario.f32("sums", [1, columns]) })
    .sumRows({ input: half, accumulate: true, out: scenario.f32("more", [1, columns]) })
    .gather({
      source: scenario.u8("source", [7, columns]),
      rows: scenario.u32(
        "rows",
        Array.from({ length: rows }, (_, i) => i % 9),
      ),
      scale: 1 / 255,
      out: scenario.narrow(narrow, "batch", shape),
    });
  for (const loss of LOSSES) {
    const input = scenario.narrow(narrow, `input ${loss}`, shape);
    const target = scenario.narrow(narrow, `target ${loss}`, shape, between(0, 1));
    const total = scenario.f32(`total ${loss}`, [1, 1]);
    scenario.builder
      .loss({
        loss,
        input,
        target,
        scale: 1 / columns,
        total,
        gradientScale: scale,
        gradient: scenario.narrow(narrow, loss, shape),
      })
      .loss({ loss, input: half, target, scale: 0.5, total: scenario.f32(`plain ${loss}`, [1, 1]) });
  }
  const gradient = scenario.narrow(narrow, "gradient", shape);
  scenario.builder.activationGradient({
    activation: "sigmoid",
    at: scenario.narrow(narrow, "at", shape, between(0, 1)),
    gradient,
    out: scenario.narrow(narrow, "slope", shape),
  });
  return scenario;
}

/** Numbers near the largest of each type. Some of them round to infinity. */
const LARGE: Readonly<Record<NarrowFloat, readonly number[]>> = {
  f16: [65504, 65519, 65520, 1e9, -1e38],
  bf16: [65504, 3.38e38, 3.3895e38, 3.39e38, -3.4e38],
};
const NO_NUMBERS = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

const TYPES = (["f16", "bf16"] as const).map((narrow) => ({
  narrow,
  multiplications: SHAPES.map((shape) => ({ ...shape, scenarios: products(narrow, shape) })),
  others: [
    epilogues(narrow),
    accumulated(narrow),
    atOddOffsets(narrow),
    vectors(narrow, 1, 1),
    vectors(narrow, 31, 17),
    vectors(narrow, 130, 257),
  ],
}));

describeEveryDevice((device, kind) => {
  describe.for(TYPES)("$narrow", ({ narrow, multiplications, others }) => {
    it.for(multiplications)("[$m, $k] x [$k, $n], transposed", async ({ scenarios }, { skip }) => {
      skip(lacks(device(), narrow), `the adapter lacks ${narrow}`);
      // The code of one transpose does not depend on the other, so in brief `nn` and `tt` are enough.
      const [nn, nnNarrow, , , , , tt, ttNarrow] = scenarios;
      for (const scenario of isBrief(kind) ? [nn, nnNarrow, tt, ttNarrow] : scenarios) {
        await expectAgreement(device(), scenario);
      }
    });

    it.for(others)("$name", async (scenario, { skip }) => {
      skip(lacks(device(), narrow), `the adapter lacks ${narrow}`);
      await expectAgreement(device(), scenario);
    });

    it("is infinite where a number is too large, and NaN stays NaN", async ({ skip }) => {
      skip(lacks(device(), narrow), `the adapter lacks ${narrow}`);
      const numbers = [...LARGE[narrow], ...NO_NUMBERS];
      const builder = new ProgramBuilder("narrow");
      const [wide, half] = [
        builder.buffer("wide", "f32", [numbers.length]),
        builder.buffer("half", narrow, [numbers.length]),
      ];
      const executable = await device().compile(builder.copy({ input: wide, out: half }).build());
      executable.buffer("wide").write(Float32Array.from(numbers));
      executable.run();
      const bits = (await executable.buffer("half").read()) as Uint16Array;
      expect([...fromFloats(narrow, bits)]).toEqual([...fromFloats(narrow, toFloats(narrow, numbers))]);
    });

    it("is written and read at any offset", async ({ skip }) => {
      skip(lacks(device(), narrow), `the adapter lacks ${narrow}`);
      const buffer = device().createBuffer(narrow, 9, "halves");
      buffer.write(Uint16Array.of(0x3f81, 0x3f82, 0x3f83), 1);
      buffer.write(Uint16Array.of(0x3f84), 8);
      buffer.write(Uint16Array.of(0x3f85), 4);
      expect([...(await buffer.read())]).toEqual([0, 0x3f81, 0x3f82, 0x3f83, 0x3f85, 0, 0, 0, 0x3f84]);
      expect([...(await buffer.read(3, 2))]).toEqual([0x3f83, 0x3f85]);
    });

    it("is refused where a feature is missing, with its name", async ({ skip }) => {
      skip(!lacks(device(), narrow), `this device has ${narrow}`);
      const refusal =
        narrow === "f16"
          ? /holds f16, but device .* lacks the feature shader-f16/
          : /holds bf16, which WGSL does not have/;
      expect(() => device().createBuffer(narrow, 4, "halves")).toThrow(DeviceLimitError);
      expect(() => device().createBuffer(narrow, 4, "halves")).toThrow(refusal);
      await expect(device().compile(accumulated(narrow).program)).rejects.toThrow(refusal);
    });
  });
});
