/** Half precision on every device that has it, against the float64 reference; and how the others refuse it. */
import { describe, expect, it } from "vitest";
import { DeviceLimitError } from "../../src/device/device.js";
import { fromFloat16Array, toFloat16Array } from "../../src/program/float16.js";
import { ACTIVATIONS, LOSSES } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, hasFloat16 } from "../support/devices.js";
import { between, derivativePoint, lopsided, normal, Scenario } from "../support/scenario.js";

const TRANSPOSES = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** Single elements, thin, odd, whole tiles, a layer of MNIST, and a sum longer than one block of it. */
const SHAPES = [
  { m: 1, n: 1, k: 1 },
  { m: 13, n: 1, k: 3 },
  { m: 17, n: 31, k: 13 },
  { m: 64, n: 64, k: 64 },
  { m: 65, n: 63, k: 67 },
  { m: 20, n: 250, k: 784 },
  { m: 8, n: 24, k: 3001 },
];

function products({ m, n, k }: (typeof SHAPES)[number]): Scenario[] {
  return TRANSPOSES.flatMap(([transposeA, transposeB]) =>
    (["f32", "f16"] as const).map((type) => {
      const scenario = new Scenario(`f16 gemm ${[m, n, k, transposeA, transposeB]} to ${type}`);
      scenario.builder.gemm({
        a: scenario.f16("a", transposeA ? [k, m] : [m, k], lopsided),
        b: scenario.f16("b", transposeB ? [n, k] : [k, n], lopsided),
        ...{ transposeA, transposeB },
        out: scenario.float(type, "out", [m, n]),
      });
      return scenario;
    }),
  );
}

/** Each activation with what a layer keeps of it, and each derivative; with f32 factors, too. */
function epilogues(): Scenario {
  const scenario = new Scenario("f16 epilogues");
  const [m, n, k] = [37, 43, 29];
  const bias = scenario.f32("bias", [1, n]);
  for (const type of ["f32", "f16"] as const) {
    const [a, b] = [scenario.float(type, `a ${type}`, [m, k]), scenario.float(type, `b ${type}`, [k, n])];
    for (const activation of ACTIVATIONS) {
      const name = `${activation} ${type}`;
      const at = scenario.f16(`at ${name}`, [m, n], derivativePoint(activation, normal));
      const preActivation = scenario.f16(`pre ${name}`, [m, n]);
      scenario.builder
        .gemm({ a, b, bias, preActivation, activation, out: scenario.f16(`out ${name}`, [m, n]) })
        .gemm({ a, b, derivative: { activation, at }, out: scenario.f16(`back ${name}`, [m, n]) });
    }
  }
  return scenario;
}

function accumulated(): Scenario {
  const scenario = new Scenario("f16 factors added to f32");
  const [a, b] = [scenario.f16("a", [19, 23]), scenario.f16("b", [23, 21])];
  scenario.builder.gemm({ a, b, accumulate: true, out: scenario.f32("out", [19, 21]) });
  return scenario;
}

function atOddOffsets(): Scenario {
  const scenario = new Scenario("f16 gemm at odd offsets");
  scenario.builder.gemm({
    a: scenario.f16At(1, "a", [9, 21]),
    b: scenario.f16At(3, "b", [21, 10]),
    bias: scenario.f32At(7, "bias", [1, 10]),
    preActivation: scenario.f16At(5, "pre", [9, 10]),
    activation: "tanh",
    derivative: { activation: "leaky-relu", at: scenario.f16At(9, "at", [9, 10]) },
    out: scenario.f16At(11, "out", [9, 10]),
  });
  return scenario;
}

/** The other ops that take f16, over a vector of several stretches and one over. */
function vectors(rows: number, columns: number): Scenario {
  const scenario = new Scenario(`f16 vectors of [${rows}, ${columns}]`);
  const shape = [rows, columns] as const;
  const [wide, half] = [scenario.f32At(1, "wide", shape), scenario.f16At(3, "half", shape)];
  const scale = scenario.f32("scale", [1, 1], between(100, 200));
  scenario.builder
    .copy({ input: wide, out: scenario.f16At(1, "narrowed", shape) })
    .copy({ input: half, out: scenario.f32("widened", shape) })
    .copy({ input: half, out: scenario.f16("copied", shape) })
    .sumRows({ input: half, out: scenario.f32("sums", [1, columns]) })
    .sumRows({ input: half, accumulate: true, out: scenario.f32("more", [1, columns]) })
    .gather({
      source: scenario.u8("source", [7, columns]),
      rows: scenario.u32(
        "rows",
        Array.from({ length: rows }, (_, i) => i % 9),
      ),
      scale: 1 / 255,
      out: scenario.f16("batch", shape),
    });
  for (const loss of LOSSES) {
    const input = scenario.f16(`input ${loss}`, shape);
    const target = scenario.f16(`target ${loss}`, shape, between(0, 1));
    const total = scenario.f32(`total ${loss}`, [1, 1]);
    scenario.builder
      .loss({
        loss,
        input,
        target,
        scale: 1 / columns,
        total,
        gradientScale: scale,
        gradient: scenario.f16(loss, shape),
      })
      .loss({ loss, input: half, target, scale: 0.5, total: scenario.f32(`plain ${loss}`, [1, 1]) });
  }
  const gradient = scenario.f16("gradient", shape);
  scenario.builder.activationGradient({
    activation: "sigmoid",
    at: scenario.f16("at", shape, between(0, 1)),
    gradient,
    out: scenario.f16("slope", shape),
  });
  return scenario;
}

const products16 = SHAPES.map((shape) => ({ ...shape, scenarios: products(shape) }));
const others = [epilogues(), accumulated(), atOddOffsets(), vectors(1, 1), vectors(31, 17), vectors(130, 257)];

describeEveryDevice((device) => {
  describe("f16", () => {
    it.for(products16)("[$m, $k] x [$k, $n], all transposes", async ({ scenarios }, { skip }) => {
      skip(!hasFloat16(device()), "the adapter lacks shader-f16");
      for (const scenario of scenarios) await expectAgreement(device(), scenario);
    });

    it.for(others)("$name", async (scenario, { skip }) => {
      skip(!hasFloat16(device()), "the adapter lacks shader-f16");
      await expectAgreement(device(), scenario);
    });

    it("comes out infinite where it is too large, and NaN where it is none", async ({ skip }) => {
      skip(!hasFloat16(device()), "the adapter lacks shader-f16");
      const numbers = [65504, 65519, 65520, 1e9, -1e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
      const builder = new ProgramBuilder("narrow");
      const [wide, half] = [
        builder.buffer("wide", "f32", [numbers.length]),
        builder.buffer("half", "f16", [numbers.length]),
      ];
      const executable = await device().compile(builder.copy({ input: wide, out: half }).build());
      executable.buffer("wide").write(Float32Array.from(numbers));
      executable.run();
      const bits = (await executable.buffer("half").read()) as Uint16Array;
      expect([...fromFloat16Array(bits)]).toEqual([...fromFloat16Array(toFloat16Array(numbers))]);
    });

    it("is written and read at any offset", async ({ skip }) => {
      skip(!hasFloat16(device()), "the adapter lacks shader-f16");
      const buffer = device().createBuffer("f16", 9, "halves");
      buffer.write(Uint16Array.of(1, 2, 3), 1);
      buffer.write(Uint16Array.of(4), 8);
      buffer.write(Uint16Array.of(5), 4);
      expect([...(await buffer.read())]).toEqual([0, 1, 2, 3, 5, 0, 0, 0, 4]);
      expect([...(await buffer.read(3, 2))]).toEqual([3, 5]);
    });

    it("is refused where it is missing, with the name of what is missing", async ({ skip }) => {
      skip(hasFloat16(device()), "this device has f16");
      const refusal = /holds f16, but device .* lacks the feature shader-f16/;
      expect(() => device().createBuffer("f16", 4, "halves")).toThrow(DeviceLimitError);
      expect(() => device().createBuffer("f16", 4, "halves")).toThrow(refusal);
      await expect(device().compile(accumulated().program)).rejects.toThrow(refusal);
    });
  });
});
