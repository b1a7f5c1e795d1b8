/** The functions of expressions, each with its value, its derivatives and its cost. */
import type { Expression } from "./expression.js";

/** Every function, in the order in which the native core numbers them. */
export const FUNCTION_NAMES = [
  ...(["add", "sub", "mul", "div", "neg", "abs", "sqrt", "exp", "log"] as const),
  ...(["tanh", "sigmoid", "max", "min", "less", "where"] as const),
] as const;
/** A function that formulas may use. */
export type FunctionName = (typeof FUNCTION_NAMES)[number];

interface ExpressionFunction {
  /** Number of arguments. */
  readonly arity: number;
  value(...args: readonly number[]): number;
  /** The derivative by each argument. */
  derivatives(...args: readonly Expression[]): readonly Expression[];
  /** Operations, counted as `device/cost` counts. */
  readonly flops: number;
}

const unary = (
  value: (x: number) => number,
  derivative: (x: Expression) => Expression,
  flops = 1,
): ExpressionFunction => ({ arity: 1, value, derivatives: (x) => [derivative(x)], flops });

const binary = (
  value: (a: number, b: number) => number,
  derivatives: (a: Expression, b: Expression) => readonly [Expression, Expression],
): ExpressionFunction => ({ arity: 2, value, derivatives, flops: 1 });

/**
 * - add, sub, mul, div, neg, abs, sqrt, exp, log, tanh
 * - sigmoid: 1 / (1 + exp(-x))
 * - max, min: where both are equal, neither argument has a gradient
 * - less: 1 where a < b, else 0
 * - where: the second argument where the first is not 0, else the third
 */
export const FUNCTIONS: Readonly<Record<FunctionName, ExpressionFunction>> = {
  add: binary(
    (a, b) => a + b,
    () => [1, 1],
  ),
  sub: binary(
    (a, b) => a - b,
    () => [1, -1],
  ),
  mul: binary(
    (a, b) => a * b,
    (a, b) => [b, a],
  ),
  div: binary(
    (a, b) => a / b,
    (a, b) => [
      ["div", 1, b],
      ["neg", ["div", ["div", a, b], b]],
    ],
  ),
  neg: unary(
    (x) => -x,
    () => -1,
    0,
  ),
  abs: unary(Math.abs, (x) => ["sub", ["less", 0, x], ["less", x, 0]]),
  sqrt: unary(Math.sqrt, (x) => ["div", 0.5, ["sqrt", x]]),
  exp: unary(Math.exp, (x) => ["exp", x]),
  log: unary(Math.log, (x) => ["div", 1, x]),
  tanh: unary(Math.tanh, (x) => ["mul", ["sub", 1, ["tanh", x]], ["add", 1, ["tanh", x]]]),
  sigmoid: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    (x) => ["mul", ["sigmoid", x], ["sigmoid", ["neg", x]]],
    3,
  ),
  max: binary(Math.max, (a, b) => [
    ["less", b, a],
    ["less", a, b],
  ]),
  min: binary(Math.min, (a, b) => [
    ["less", a, b],
    ["less", b, a],
  ]),
  less: binary(
    (a, b) => (a < b ? 1 : 0),
    () => [0, 0],
  ),
  where: {
    arity: 3,
    value: (condition, yes, no) => (condition !== 0 ? yes : no),
    derivatives: (condition) => [0, ["where", condition, 1, 0], ["where", condition, 0, 1]],
    flops: 1,
  },
};
