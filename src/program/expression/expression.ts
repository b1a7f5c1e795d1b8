/**
 * Formulas for one element, as data: a number, the name of an input, or a function with its arguments, such as
 * `["mul", "x", ["sigmoid", "x"]]`. Because a formula is data, it can be differentiated, and every device can make its code from it.
 */
import { brief, unknownWord } from "../../error.js";
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName } from "./functions.js";

/** A formula as data: a number, the name of an operand, or a function of formulas. */
export type Expression = number | string | readonly [FunctionName, ...Expression[]];

/** Most functions in one expression: far more than in a formula that is written by hand. */
const MOST_FUNCTIONS = 1000;

/** What is wrong with an expression over `inputs`, in one sentence; undefined where nothing is. */
export function expressionFault(expression: Expression, inputs: readonly string[]): string | undefined {
  let functions = 0;
  const faultOf = (part: unknown): string | undefined => {
    if (typeof part === "number") {
      return Number.isFinite(Math.fround(part)) ? undefined : `numbers must be finite float32 numbers, got ${part}`;
    }
    if (typeof part === "string") {
      return inputs.includes(part) ? undefined : unknownWord("input", part, inputs).message;
    }
    if (!Array.isArray(part) || typeof part[0] !== "string") {
      return `must consist of numbers, names of inputs, and functions such as ["mul", "x", 2], got ${brief(part)}`;
    }
    const [name, ...args] = part;
    if (!FUNCTION_NAMES.includes(name as FunctionName)) return unknownWord("function", name, FUNCTION_NAMES).message;
    const { arity } = FUNCTIONS[name as FunctionName];
    if (args.length !== arity) return `${name} takes ${arity} arguments, got ${args.length}`;
    if (++functions > MOST_FUNCTIONS) return `has more than ${MOST_FUNCTIONS} functions: split it into several ops`;
    for (const arg of args) {
      const fault = faultOf(arg);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
  return faultOf(expression);
}

/** The derivative by one input. */
export function derivativeOf(expression: Expression, input: string): Expression {
  if (typeof expression === "number") return 0;
  if (typeof expression === "string") return expression === input ? 1 : 0;
  const [name, ...args] = expression;
  if (name === "where") return choice(args[0], derivativeOf(args[1], input), derivativeOf(args[2], input));
  const outer = FUNCTIONS[name].derivatives(...args);
  return args
    .map((arg, i) => product(simplified(outer[i]), derivativeOf(arg, input)))
    .reduce((sum, term) => plus(sum, term), 0);
}

/** Whether an expression is a `where`. */
export function isChoice(
  expression: Expression,
): expression is readonly [FunctionName, Expression, Expression, Expression] {
  return Array.isArray(expression) && expression[0] === "where";
}

/** `factor` times `expression`. A branch of a `where` that is 0 stays 0: as one product, 0 times an infinite factor would be NaN. */
export function scaledBy(factor: Expression, expression: Expression): Expression {
  if (!isChoice(expression)) return product(factor, expression);
  const [, condition, yes, no] = expression;
  return choice(condition, scaledBy(factor, yes), scaledBy(factor, no));
}

/** The same expression, simpler: constants are computed, and additions of 0 and products with 1 or 0 are removed. */
function simplified(expression: Expression): Expression {
  if (typeof expression === "number" || typeof expression === "string") return expression;
  const [name, ...args] = expression;
  const simple = args.map(simplified);
  if (simple.every((arg) => typeof arg === "number")) return FUNCTIONS[name].value(...simple);
  if (name === "mul") return product(simple[0], simple[1]);
  if (name === "add") return plus(simple[0], simple[1]);
  return [name, ...simple];
}

function product(a: Expression, b: Expression): Expression {
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  if (b === 1) return a;
  if (a === -1) return ["neg", b];
  if (b === -1) return ["neg", a];
  return typeof a === "number" && typeof b === "number" ? a * b : ["mul", a, b];
}

function choice(condition: Expression, yes: Expression, no: Expression): Expression {
  return yes === no ? yes : ["where", condition, yes, no];
}

function plus(a: Expression, b: Expression): Expression {
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === "number" && typeof b === "number" ? a + b : ["add", a, b];
}
