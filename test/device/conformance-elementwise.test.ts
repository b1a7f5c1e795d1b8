/** Gather and the elementwise ops on every device present against the float64 reference. */
import { describe, it } from "vitest";
import type { View } from "../../src/program/buffer.js";
import { ACTIVATIONS, type Activation } from "../../src/program/op.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice } from "../support/devices.js";
import { between, type Draw, derivativePoint, normal, Scenario } from "../support/scenario.js";

const SHAPES = [
  [1, 1],
  [1, 7],
  [13, 1],
  [31, 17],
  [64, 64],
  [127, 129],
] as const;

/** Inputs of an activation, from the smallest that make a difference to the largest floats. */
const RANGES: Readonly<Record<string, Draw>> = {
  normal,
  "up to 30": between(-30, 30),
  "small and negative": between(-12, -4),
  tiny: (random) => 1e-6 * normal(random),
  "tiny enough to vanish in 1 + x": (random) => 1e-15 * normal(random),
  "up to 1e4": between(-1e4, 1e4),
  "up to 1e30": between(-1e30, 1e30),
  "0": () => 0,
};

function activations(activation: Activation): Scenario[] {
  const ranges = Object.entries(RANGES).map(([range, draw]) => {
    const scenario = new Scenario(`${activation} of inputs ${range}`);
    scenario.builder.activate({
      activation,
      input: scenario.f32("x", [31, 17], draw),
      out: scenario.f32("y", [31, 17]),
    });
    return scenario;
  });
  const shapes = SHAPES.map((shape) => {
    const scenario = new Scenario(`${activation} of [${shape}], in place at an odd offset`);
    const x = scenario.f32At(3, "x", shape);
    scenario.builder.activate({ activation, input: x, out: x });
    return scenario;
  });
  return [...ranges, ...shapes];
}

function gradients(activation: Activation): Scenario[] {
  const ranges = Object.entries(RANGES).map(([range, draw]) => {
    const scenario = new Scenario(`derivative of ${activation} for inputs ${range}`);
    const at = scenario.f32("at", [31, 17], derivativePoint(activation, draw));
    const [gradient, out] = [scenario.f32("gradient", [31, 17]), scenario.f32("out", [31, 17])];
    scenario.builder.activationGradient({ activation, at, gradient, out });
    return scenario;
  });
  const shapes = SHAPES.map((shape) => {
    const scenario = new Scenario(`derivative of ${activation} at [${shape}], in place at an odd offset`);
    const [at, gradient] = [scenario.f32("at", shape, between(-1, 1)), scenario.f32At(5, "gradient", shape)];
    scenario.builder.activationGradient({ activation, at, gradient, out: gradient });
    return scenario;
  });
  return [...ranges, ...shapes];
}

/** One program with every form of the plain arithmetic ops at one shape. */
function arithmetic(shape: readonly [number, number]): Scenario {
  const scenario = new Scenario(`arithmetic at [${shape}]`);
  const f32 = (name: string): View => scenario.f32(name, shape);
  const [x, y] = [f32("x"), f32("y")];
  const [self, left, right] = [f32("self"), f32("left"), f32("right")];
  scenario.builder
    .scale({ input: x, factor: -0.3, out: f32("scaled") })
    .scale({ input: self, factor: 1e-20, out: self })
    .add({ a: x, b: y, out: scenario.f32At(1, "sum", shape) })
    .add({ a: left, b: x, factor: -2.5, out: left })
    .add({ a: x, b: right, factor: 1e10, out: right })
    .add({ a: y, b: y, factor: 0.5, out: f32("more") })
    .copy({ input: scenario.f32At(7, "from", shape), out: scenario.f32At(2, "to", shape) })
    .fill({ value: 0.1, out: scenario.f32At(9, "filled", shape) });
  return scenario;
}

/** Views side by side in one buffer: the one that is written ends where the one that is read begins. */
function neighbours(): Scenario {
  const scenario = new Scenario("copies within one buffer");
  const all = scenario.f32("all", [1, 300]);
  const part = (offset: number, columns: number): View => ({ ...all, offset, columns });
  scenario.builder
    .copy({ input: part(0, 77), out: part(77, 77) })
    .scale({ input: part(154, 71), factor: 3, out: part(225, 71) })
    .fill({ value: -1, out: part(299, 1) });
  return scenario;
}

const COUNT = 23;
/** Row numbers: in order, twice the same, the first and last, and some past the end. Those past the end read the last row. */
const ROWS = [0, 1, 2, 7, 7, 22, 0, 22, 23, 1000, 4294967295, 11, 5];

function gathers(type: "u8" | "f32", columns: number): Scenario[] {
  const source = (scenario: Scenario): View =>
    type === "u8" ? scenario.u8("source", [COUNT, columns]) : scenario.f32("source", [COUNT, columns]);
  const whole = new Scenario(`gather of ${columns} x ${type}`);
  whole.builder.gather({
    source: source(whole),
    rows: whole.u32("rows", ROWS),
    scale: 1 / 255,
    out: whole.f32At(3, "out", [ROWS.length, columns]),
  });
  const part = new Scenario(`gather of ${columns} x ${type} from within a buffer`);
  const [all, rows] = [source(part), part.u32("rows", ROWS)];
  part.builder.gather({
    source: { ...all, offset: 2 * columns + 1, rows: COUNT - 3 },
    rows: { ...rows, offset: 3, columns: ROWS.length - 3 },
    scale: 1,
    out: part.f32("out", [ROWS.length - 3, columns]),
  });
  const table = new Scenario(`gather of ${columns} x ${type} by a table`);
  const cursor = table.u32("step", [0]);
  const [batch, kept] = [table.f32("batch", [2, columns]), table.f32("kept", [2, columns])];
  table.builder
    .gather({
      source: source(table),
      rows: table.u32Table(
        "rows",
        [
          [3, 9],
          [22, 23],
          [0, 0],
          [5, 4],
        ],
        cursor,
      ),
      scale: -2,
      out: batch,
    })
    .add({ a: kept, b: batch, factor: 10, out: kept })
    .advance(cursor);
  // The last two steps are past the end of the table, which stays at its last entry.
  table.runs = 6;
  return [whole, part, table];
}

const activationScenarios = ACTIVATIONS.flatMap(activations);
const gradientScenarios = ACTIVATIONS.flatMap(gradients);
const arithmeticScenarios = [...SHAPES.map(arithmetic), neighbours()];
const gatherScenarios = [1, 3, 4, 28, 61].flatMap((columns) => [...gathers("u8", columns), ...gathers("f32", columns)]);

describeEveryDevice((device) => {
  describe("elementwise", () => {
    it.each(activationScenarios)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });

    it.each(gradientScenarios)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });

    it.each(arithmeticScenarios)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });
  });

  describe("gather", () => {
    it.each(gatherScenarios)("$name", async (scenario) => {
      await expectAgreement(device(), scenario, "elementwise");
    });
  });
});
