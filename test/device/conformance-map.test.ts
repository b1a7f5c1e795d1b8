/** Formulas on every device present against the float64 reference: each function, each broadcast, each type of float. */
import { describe, expect, it } from "vitest";
import { FLOATS, type Float, type View } from "../../src/program/buffer.js";
import { differentiate } from "../../src/program/differentiate.js";
import { FUNCTIONS } from "../../src/program/expression/functions.js";
import { type Expression, FUNCTION_NAMES } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, lacks } from "../support/devices.js";
import { gradientErrors } from "../support/gradient-check.js";
import { between, type Draw, normal, Scenario } from "../support/scenario.js";

const SHAPES = [
  [1, 1],
  [1, 7],
  [13, 1],
  [31, 17],
  [9, 12],
  [3, 700],
] as const;

/** The arguments for a function. A logarithm is not tried close to 1, where it is as small as its argument's last bit. */
const DRAWS: Readonly<Record<string, Draw>> = { log: between(2, 30), sqrt: between(0, 30), div: between(0.5, 2) };

function functions(name: (typeof FUNCTION_NAMES)[number]): Scenario {
  const scenario = new Scenario(`${name}`);
  const draw = DRAWS[name] ?? normal;
  const names = ["a", "b", "c"].slice(0, FUNCTIONS[name].arity);
  const inputs = Object.fromEntries(names.map((input) => [input, scenario.f32(input, [31, 17], draw)]));
  const condition: Expression = name === "where" ? ["less", 0, "a"] : "a";
  scenario.builder.map({
    expression: [name, condition, ...names.slice(1)],
    inputs,
    out: scenario.f32("out", [31, 17]),
  });
  return scenario;
}

/** A formula with every kind of broadcast, of operands of any type, at odd offsets. */
function broadcast([m, n]: (typeof SHAPES)[number], type: Float): Scenario {
  const scenario = new Scenario(`broadcast to [${m}, ${n}] in ${type}`);
  const view = (name: string, shape: readonly [number, number]): View =>
    type === "f32" ? scenario.f32At(3, name, shape) : scenario.narrowAt(type, 3, name, shape);
  const [x, row, column, one] = [view("x", [m, n]), view("row", [1, n]), view("column", [m, 1]), view("one", [1, 1])];
  const expression: Expression = ["add", ["mul", "x", ["sigmoid", "row"]], ["sub", ["tanh", "column"], "one"]];
  scenario.builder.map({ expression, inputs: { x, row, column, one }, out: view("out", [m, n]) });
  scenario.builder.map({ expression: ["max", "x", 0.25], inputs: { x }, out: x });
  return scenario;
}

/** Formulas without any function, and formulas with many steps. */
function others(): Scenario {
  const scenario = new Scenario("a number, an input, many steps");
  const x = scenario.f32("x", [5, 9]);
  scenario.builder.map({ expression: 0.5, inputs: {}, out: scenario.f32("number", [5, 9]) });
  scenario.builder.map({ expression: "x", inputs: { x }, out: scenario.f32("input", [5, 9]) });
  const horner = Array.from({ length: 40 }, (_, i) => Math.cos(i)).reduce<Expression>(
    (sum, coefficient) => ["add", coefficient, ["mul", ["tanh", "x"], sum]],
    1,
  );
  scenario.builder.map({ expression: horner, inputs: { x }, out: scenario.f32("many", [5, 9]) });
  return scenario;
}

/** Values that are not finite go through every function as in the reference. Constants in formulas give such values, too. */
function notFinite(): Scenario {
  const scenario = new Scenario("NaN and infinity");
  const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1, -1];
  const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
  const next = (column: 0 | 1) => {
    let i = 0;
    return () => pairs[i++][column];
  };
  const [a, b] = [scenario.f32("a", [1, 36], next(0)), scenario.f32("b", [1, 36], next(1))];
  const expressions: Readonly<Record<string, Expression>> = {
    max: ["max", "a", "b"],
    min: ["min", "a", "b"],
    less: ["less", "a", "b"],
    where: ["where", "a", "b", 7],
    abs: ["abs", "a"],
    infinity: ["max", ["exp", 1000], "a"],
    nan: ["where", "b", ["log", -1], ["div", 1, 0]],
  };
  for (const [name, expression] of Object.entries(expressions)) {
    const inputs = Object.fromEntries(
      Object.entries({ a, b }).filter(([input]) => JSON.stringify(expression).includes(`"${input}"`)),
    );
    scenario.builder.map({ expression, inputs, out: scenario.f32(name, [1, 36]) });
  }
  return scenario;
}

const scenarios = [...FUNCTION_NAMES.map(functions), ...SHAPES.map((shape) => broadcast(shape, "f32")), others()];
const NOT_FINITE = notFinite();

describeEveryDevice((device) => {
  it.each(scenarios)("$name", async (scenario) => {
    await expectAgreement(device(), scenario, "elementwise");
  });

  it("what is not finite is the same on every device", async () => {
    const { program, inputs } = NOT_FINITE;
    const executable = await device().compile(program);
    for (const [name, values] of Object.entries(inputs)) executable.buffer(name).write(values);
    executable.run();
    for (const [name, expected] of await NOT_FINITE.expected()) {
      // 0 and -0 count as the same number.
      const numbers = Array.from(await executable.buffer(name).read(), (x) => x + 0);
      expect({ [name]: numbers }).toEqual({ [name]: Array.from(expected, (x) => x + 0) });
    }
    executable.destroy();
  });

  it.each(FLOATS.filter((type) => type !== "f32"))("narrow operands of %s", async (type) => {
    if (lacks(device(), type)) return;
    for (const shape of SHAPES) await expectAgreement(device(), broadcast(shape, type), "elementwise");
  });
});

/** GELU as its own formula; Huber; a scale and a shift of columns, as in normalisation. */
const FORMULAS: Readonly<Record<string, Expression>> = {
  gelu: ["mul", "x", ["sigmoid", ["mul", "x", ["add", 1.5957691216, ["mul", 0.0713548162726, ["mul", "x", "x"]]]]]],
  huber: ["where", ["less", ["abs", "x"], 1], ["mul", 0.5, ["mul", "x", "x"]], ["sub", ["abs", "x"], 0.5]],
  affine: ["add", ["mul", "x", "row"], "column"],
  scaled: ["mul", ["exp", ["mul", 0.3, "x"]], ["div", "one", ["add", 2, ["mul", "row", "row"]]]],
};

describe("the gradient of a formula agrees with central differences", () => {
  it.each(Object.entries(FORMULAS))("%s", async (_, expression) => {
    const [m, n] = [3, 4];
    const builder = new ProgramBuilder("formula");
    const lengths = { x: [m, n], row: [1, n], column: [m, 1], one: [1, 1] } as const;
    const parameters = builder.buffer("parameters", "f32", [m * n + n + m + 1]);
    let offset = 0;
    const inputs: Record<string, View> = {};
    for (const [name, [rows, columns]] of Object.entries(lengths)) {
      inputs[name] = { ...parameters, offset, rows, columns };
      offset += rows * columns;
    }
    const [out, target] = [builder.buffer("out", "f32", [m, n]), builder.buffer("target", "f32", [m, n])];
    const total = builder.buffer("loss", "f32", [1]);
    builder.map({ expression, inputs, out }).loss({ loss: "mse", input: out, target, scale: 1, total });
    const gradients = builder.buffer("gradients", "f32", [parameters.columns]);
    differentiate(builder, { of: total, by: [{ view: parameters, into: gradients }] });
    const draw = (length: number, seed: number) =>
      Float64Array.from({ length }, (_, i) => 1.3 * Math.sin(seed + i * i));
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: draw(parameters.columns, 1),
      inputs: { target: draw(m * n, 2) },
      views: { parameters },
    });
    expect(errors.parameters).toBeLessThan(1e-6);
  });
});
