/** Losses, sums, norms and clipping on every device present against the float64 reference. */
import { describe, it } from "vitest";
import { LOSSES, type Loss } from "../../src/program/op.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice } from "../support/devices.js";
import { between, type Draw, lopsided, normal, Scenario, zero } from "../support/scenario.js";

const MILLION = 1_000_003;

const SHAPES = [
  [1, 1],
  [1, 7],
  [13, 1],
  [31, 17],
  [128, 784],
  [MILLION, 1],
] as const;

type Shape = readonly [number, number];

function sumRows(shape: Shape): Scenario {
  const scenario = new Scenario(`sumRows of [${shape}]`);
  const input = scenario.f32At(3, "input", shape, lopsided);
  scenario.builder
    .sumRows({ input, out: scenario.f32At(1, "sums", [1, shape[1]]) })
    .sumRows({ input, out: scenario.f32("added", [1, shape[1]]), accumulate: true });
  return scenario;
}

/** Columns that differ by many orders of magnitude each keep their own digits. */
function sumOfUnlikeColumns(): Scenario {
  const scenario = new Scenario("sumRows of a huge and a tiny column, one after the other");
  for (const [name, factor] of [
    ["huge", 1e30],
    ["tiny", 1e-30],
  ] as const) {
    const input = scenario.f32(name, [1009, 3], (random) => factor * lopsided(random));
    scenario.builder.sumRows({ input, out: scenario.f32(`sums-${name}`, [1, 3]) });
  }
  return scenario;
}

/** The norm, then a factor that clips and one that does not. */
function norm(name: string, shape: Shape, draw: Draw): Scenario {
  const scenario = new Scenario(`norm of [${shape}], ${name}`);
  const out = scenario.f32("norm", [1, 1]);
  scenario.builder
    .norm({ input: scenario.f32At(5, "input", shape, draw), out })
    .clipFactor({ norm: out, maximum: 1e-3, out: scenario.f32("clipped", [1, 1]) })
    .clipFactor({ norm: out, maximum: 1e30, out: scenario.f32("whole", [1, 1]) });
  return scenario;
}

function loss(of: Loss, shape: Shape): Scenario {
  const scenario = new Scenario(`${of} of [${shape}]`);
  const scale = 1 / (shape[0] * shape[1]);
  const target = scenario.f32("target", shape, between(0, 1));
  const [apart, inPlace] = [scenario.f32("apart", shape), scenario.f32At(7, "in place", shape)];
  scenario.builder
    .loss({ loss: of, input: apart, target, scale, total: scenario.f32("without gradient", [1, 1]) })
    .loss({
      loss: of,
      input: apart,
      target,
      scale,
      total: scenario.f32At(2, "total", [1, 1]),
      gradient: scenario.f32At(3, "gradient", shape),
    })
    .loss({ loss: of, input: inPlace, target, scale, total: scenario.f32("again", [1, 1]), gradient: inPlace });
  return scenario;
}

/** Logits as a trained network gives them, and larger ones: certain and right, certain and wrong. */
const LOGITS: Readonly<Record<string, readonly [input: Draw, target: Draw]>> = {
  "certain and right": [between(-25, -10), zero],
  "right about a one": [between(8, 16), () => 1],
  "certain and wrong": [between(20, 90), zero],
  huge: [between(-1e30, 1e30), between(0, 1)],
  tiny: [(random) => 1e-20 * normal(random), between(0, 1)],
};

function bceOf(name: string, [input, target]: readonly [Draw, Draw]): Scenario {
  const scenario = new Scenario(`bce of logits ${name}`);
  scenario.builder.loss({
    loss: "bce",
    input: scenario.f32("input", [31, 17], input),
    target: scenario.f32("target", [31, 17], target),
    scale: 1 / 527,
    total: scenario.f32("total", [1, 1]),
    gradient: scenario.f32("gradient", [31, 17]),
  });
  return scenario;
}

function mseOf(name: string, factor: number): Scenario {
  const scenario = new Scenario(`mse of ${name} numbers`);
  const draw: Draw = (random) => factor * normal(random);
  scenario.builder.loss({
    loss: "mse",
    input: scenario.f32("input", [31, 17], draw),
    target: scenario.f32("target", [31, 17], draw),
    scale: 1 / 527,
    total: scenario.f32("total", [1, 1]),
    gradient: scenario.f32("gradient", [31, 17]),
  });
  return scenario;
}

/** A table collects the loss of each step while the input shrinks by half. Past its end, the last entry has the latest loss. */
function collected(): Scenario {
  const scenario = new Scenario("losses collected in a table");
  const cursor = scenario.u32("step", [0]);
  const [input, target] = [scenario.f32("input", [9, 5]), scenario.f32("target", [9, 5])];
  scenario.builder
    .loss({ loss: "mse", input, target, scale: 1, total: scenario.f32Table("losses", 4, 1, cursor) })
    .scale({ input, factor: 0.5, out: input })
    .advance(cursor);
  scenario.runs = 5;
  return scenario;
}

const scaled =
  (factor: number): Draw =>
  (random) =>
    factor * normal(random);

const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  sumRows: [...SHAPES.map(sumRows), sumOfUnlikeColumns()],
  norm: [
    ...SHAPES.map((shape) => norm("normal", shape, normal)),
    norm("huge", [31, 17], scaled(1e15)),
    norm("tiny", [31, 17], scaled(1e-15)),
    norm("zero", [31, 17], zero),
  ],
  loss: [
    ...LOSSES.flatMap((of) => SHAPES.map((shape) => loss(of, shape))),
    ...Object.entries(LOGITS).map(([name, draws]) => bceOf(name, draws)),
    mseOf("huge", 1e15),
    mseOf("tiny", 1e-15),
    collected(),
  ],
};

describeEveryDevice((device) => {
  describe.each(Object.entries(scenarios))("%s", (_, cases) => {
    it.each(cases)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });
  });
});
