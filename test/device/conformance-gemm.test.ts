/** Every gemm on every device present against the float64 reference. */
import { describe, it } from "vitest";
import type { View } from "../../src/program/buffer.js";
import { ACTIVATIONS, type Activation } from "../../src/program/op.js";
import { Random } from "../../src/world/random.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, isBrief } from "../support/devices.js";
import { type Draw, derivativePoint, lopsided, normal, Scenario } from "../support/scenario.js";

const TRANSPOSES = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

interface Product extends Shape {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The operands of a product of that shape, as `Scenario.f32` declares them. */
function factors(scenario: Scenario, { m, n, k, transposeA, transposeB }: Product, draw: Draw = lopsided) {
  return {
    a: scenario.f32("a", transposeA ? [k, m] : [m, k], draw),
    b: scenario.f32("b", transposeB ? [n, k] : [k, n], draw),
    transposeA,
    transposeB,
  };
}

function plain(shape: Shape): Scenario[] {
  return TRANSPOSES.map(([transposeA, transposeB]) => {
    const product = { ...shape, transposeA, transposeB };
    const scenario = new Scenario(`gemm ${JSON.stringify(product)}`);
    scenario.builder.gemm({ ...factors(scenario, product), out: scenario.f32("out", [shape.m, shape.n]) });
    return scenario;
  });
}

/** Shapes of each kind: single elements, thin, odd, prime, whole tiles, one more than a tile, long sums, a layer of MNIST. */
const SHAPES: readonly Shape[] = [
  { m: 1, n: 1, k: 1 },
  { m: 1, n: 7, k: 5 },
  { m: 13, n: 1, k: 3 },
  { m: 3, n: 5, k: 1 },
  { m: 1, n: 1, k: 5003 },
  { m: 17, n: 31, k: 13 },
  { m: 64, n: 64, k: 64 },
  { m: 65, n: 63, k: 67 },
  { m: 8, n: 24, k: 3001 },
  { m: 127, n: 257, k: 61 },
  { m: 128, n: 256, k: 96 },
  { m: 64, n: 250, k: 784 },
  { m: 61, n: 259, k: 700 },
];

const RANDOM_SHAPES: readonly Shape[] = Array.from({ length: 8 }, (_, i) => {
  const random = new Random(2024, i);
  const size = (): number => Math.ceil(2 ** random.between(0, 7.5));
  return { m: size(), n: size(), k: size() };
});

const LARGE: Product = { m: 521, n: 389, k: 263, transposeA: false, transposeB: true };

interface Epilogue {
  readonly accumulate: boolean;
  readonly biased: boolean;
  readonly stored: boolean;
  readonly derivative: Activation | undefined;
}

/**
 * The epilogues around one activation: each set of the first three parts, with each derivative around `linear` and with
 * none around the others; and around those each derivative with one of the sets, so that every pair of an activation and
 * a derivative is there. (All 336 combinations would be a minute of shader compilation on a software GPU.) In brief `linear` is
 * like the others.
 */
function epilogues(activation: Activation, brief: boolean): Epilogue[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((set) => {
    const parts = { accumulate: (set & 1) !== 0, biased: (set & 2) !== 0, stored: (set & 4) !== 0 };
    const derivatives = ACTIVATIONS.filter((_, i) => (activation === "linear" && !brief) || i === set);
    return [undefined, ...derivatives].map((derivative) => ({ ...parts, derivative }));
  });
}

/** All epilogues of an activation as one program: products of the same factors, each transpose case in turn. */
function around(activation: Activation, brief: boolean): Scenario {
  const scenario = new Scenario(`epilogues around ${activation}`);
  const [m, n, k] = [5, 19, 11];
  const operands = TRANSPOSES.map(([transposeA, transposeB], i) => ({
    a: scenario.f32(`a${i}`, transposeA ? [k, m] : [m, k]),
    b: scenario.f32(`b${i}`, transposeB ? [n, k] : [k, n]),
    transposeA,
    transposeB,
  }));
  const bias = scenario.f32("bias", [1, n]);
  const at = new Map<Activation, View>(
    ACTIVATIONS.map((of) => [of, scenario.f32(`at-${of}`, [m, n], derivativePoint(of, normal))]),
  );
  for (const [i, { accumulate, biased, stored, derivative }] of epilogues(activation, brief).entries()) {
    const slopes = derivative && at.get(derivative);
    scenario.builder.gemm({
      ...operands[i % operands.length],
      accumulate,
      bias: biased ? bias : undefined,
      preActivation: stored ? scenario.f32(`pre${i}`, [m, n]) : undefined,
      activation,
      derivative: derivative && slopes && { activation: derivative, at: slopes },
      out: scenario.f32(`out${i}`, [m, n]),
    });
  }
  return scenario;
}

/** All operands set into larger buffers at odd offsets. */
function atOddOffsets(): Scenario {
  const scenario = new Scenario("gemm at odd offsets");
  scenario.builder.gemm({
    a: scenario.f32At(1, "a", [9, 21]),
    b: scenario.f32At(3, "b", [21, 10]),
    accumulate: true,
    bias: scenario.f32At(7, "bias", [1, 10]),
    preActivation: scenario.f32At(5, "pre", [9, 10]),
    activation: "tanh",
    derivative: { activation: "leaky-relu", at: scenario.f32At(9, "at", [9, 10]) },
    out: scenario.f32At(11, "out", [9, 10]),
  });
  return scenario;
}

/** The layers of a network share a buffer, so the views that are read are next to the one that is written. */
function inOneBuffer(): Scenario {
  const scenario = new Scenario("gemm within one buffer");
  const whole = scenario.f32("all", [1, 600]);
  const part = (offset: number, rows: number, columns: number): View => ({ ...whole, offset, rows, columns });
  scenario.builder
    .gemm({ a: part(0, 7, 9), b: part(63, 9, 11), bias: part(162, 1, 11), activation: "relu", out: part(173, 7, 11) })
    .gemm({ a: part(173, 7, 11), b: part(63, 9, 11), transposeB: true, out: part(251, 7, 9) });
  return scenario;
}

function scaledBy(name: string, factor: number): Scenario {
  const scenario = new Scenario(`gemm of ${name} numbers`);
  const draw: Draw = (random) => factor * normal(random);
  const product = { m: 33, n: 35, k: 37, transposeA: false, transposeB: false };
  scenario.builder.gemm({ ...factors(scenario, product, draw), out: scenario.f32("out", [33, 35], draw) });
  return scenario;
}

const plainScenarios = [...SHAPES, ...RANDOM_SHAPES].map((shape) => ({ ...shape, scenarios: plain(shape) }));
/** In turn `nn` and `tt`, `tn` and `nt`: the code of one transpose does not depend on the other. */
const briefScenarios = plainScenarios.slice(0, SHAPES.length).map(({ scenarios: [nn, tn, nt, tt], ...shape }, i) => ({
  ...shape,
  scenarios: i % 2 === 0 ? [nn, tt] : [tn, nt],
}));
const epilogueScenarios = (brief: boolean) =>
  ACTIVATIONS.map((activation) => ({ activation, scenario: around(activation, brief) }));
const allEpilogues = epilogueScenarios(false);
const others = [atOddOffsets(), inOneBuffer(), scaledBy("huge", 1e15), scaledBy("tiny", 1e-15)];
const large = new Scenario("a large gemm");
large.builder.gemm({ ...factors(large, LARGE), out: large.f32("out", [LARGE.m, LARGE.n]) });

describeEveryDevice((device, kind) => {
  describe("gemm", () => {
    it.each(isBrief(kind) ? briefScenarios : plainScenarios)(
      "[$m, $k] x [$k, $n], transposed",
      async ({ scenarios }) => {
        for (const scenario of scenarios) await expectAgreement(device(), scenario);
      },
    );

    it.each(isBrief(kind) ? epilogueScenarios(true) : allEpilogues)(
      "epilogues around $activation",
      async ({ scenario }) => {
        await expectAgreement(device(), scenario);
      },
    );

    it.each([...others, large])("$name", async (scenario) => {
      await expectAgreement(device(), scenario);
    });
  });
});
