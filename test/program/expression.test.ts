import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeFlops, codeOf, evaluate } from "../../src/program/expression/code.js";
import { derivativeOf, type Expression, expressionFault } from "../../src/program/expression/expression.js";
import { FUNCTION_NAMES, FUNCTIONS } from "../../src/program/expression/functions.js";

const INPUTS = ["x", "y"];
const at = (expression: Expression, x: number, y: number): number => evaluate(codeOf(expression, INPUTS), [x, y]);

/** Functions without a kink. For these, central differences are right everywhere. */
const SMOOTH = ["add", "sub", "mul", "neg", "exp", "tanh", "sigmoid", "where"] as const;

const { expression: smooth } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Expression>("x", "y", 0, 1, -1, 0.5),
    ...SMOOTH.map((name) =>
      fc
        .array(tie("expression"), { minLength: FUNCTIONS[name].arity, maxLength: FUNCTIONS[name].arity })
        // The condition does not depend on the inputs, because a condition has no derivative.
        .map((args): Expression => [name, ...(name === "where" ? [args.length % 2, ...args.slice(1)] : args)]),
    ),
  ),
}));

describe("the derivative of an expression", () => {
  it("agrees with central differences", () => {
    fc.assert(
      fc.property(smooth, fc.constantFrom(...INPUTS), fc.double({ min: -1, max: 1, noNaN: true }), (one, by, x) => {
        const [h, y] = [1e-5, 0.3];
        const value = (step: number): number => at(one, by === "x" ? x + step : x, by === "y" ? y + step : y);
        fc.pre(Math.abs(value(0)) < 50 && Math.abs(value(2 * h) - 2 * value(0) + value(-2 * h)) < 1e-6);
        const difference = (value(h) - value(-h)) / (2 * h);
        expect(Math.abs(at(derivativeOf(one, by), x, y) - difference)).toBeLessThan(1e-4 * (1 + Math.abs(difference)));
      }),
    );
  });

  it.each<readonly [Expression, number, number]>([
    [["div", "y", "x"], 2, -0.075],
    [["sqrt", "x"], 4, 0.25],
    [["log", "x"], 4, 0.25],
    [["abs", "x"], -2, -1],
    [["abs", "x"], 2, 1],
    [["max", "x", 0], 2, 1],
    [["max", "x", 0], -2, 0],
    [["max", "x", 0], 0, 0],
    [["min", "x", 0], -2, 1],
    [["where", ["less", "x", 1], ["mul", "x", "x"], "x"], 0.5, 1],
    [["where", ["less", "x", 1], ["mul", "x", "x"], "x"], 3, 1],
    // The derivative of the branch that is not taken is infinite.
    [["where", ["less", 0, "x"], ["sqrt", "x"], 0], 0, 0],
    [["mul", 2, ["where", ["less", 0, "x"], ["log", "x"], "x"]], 0, 2],
  ])("of %j at %d is %d", (expression, x, slope) => {
    expect(at(derivativeOf(expression, "x"), x, 0.3)).toBeCloseTo(slope, 12);
  });

  it("leaves out what is nothing", () => {
    expect(derivativeOf(["add", ["mul", 3, "x"], "y"], "x")).toBe(3);
    expect(derivativeOf(["exp", "y"], "x")).toBe(0);
    expect(derivativeOf(["mul", "x", "y"], "x")).toBe("y");
  });
});

describe("an expression as steps", () => {
  it("that shares parts with itself is no longer than they are", () => {
    const folded = Array.from({ length: 40 }).reduce<Expression>((x) => ["mul", ["tanh", x], ["tanh", x]], "x");
    expect(expressionFault(folded, INPUTS)).toBeUndefined();
    expect(codeOf(folded, INPUTS).steps).toHaveLength(80);
    const slope = derivativeOf(folded, "x");
    expect(expressionFault(slope, INPUTS)).toBeUndefined();
  });

  it("has each equal part once", () => {
    const { steps } = codeOf(["mul", ["tanh", "x"], ["sub", 1, ["tanh", "x"]]], INPUTS);
    expect(steps.map(({ name }) => name)).toEqual(["tanh", "sub", "mul"]);
    expect(codeFlops({ steps, result: { step: 2 } })).toBe(3);
  });
});

describe("an invalid expression is refused in a sentence", () => {
  it.each<readonly [unknown, string | RegExp]>([
    [["mull", "x", 2], /^unknown function "mull": did you mean "mul"\? \(one of add, sub/],
    [["mul", "x"], "mul takes 2 arguments, got 1"],
    [["mul", "z", 2], 'unknown input "z": did you mean "x"? (one of x, y)'],
    [["exp", Number.NaN], "numbers must be finite float32 numbers, got NaN"],
    [{ mul: 2 }, 'must consist of numbers, names of inputs, and functions such as ["mul", "x", 2], got {"mul":2}'],
    [
      Array.from({ length: 1001 }).reduce<Expression>((inner) => ["exp", inner], "x"),
      "has more than 1000 functions: split it into several ops",
    ],
  ])("%#", (expression, sentence) => {
    expect(expressionFault(expression as Expression, INPUTS)).toEqual(
      typeof sentence === "string" ? sentence : expect.stringMatching(sentence),
    );
  });

  it("and each function is one", () => {
    for (const name of FUNCTION_NAMES) {
      const args = Array.from({ length: FUNCTIONS[name].arity }, () => "x");
      expect(expressionFault([name, ...args], INPUTS)).toBeUndefined();
    }
  });
});
