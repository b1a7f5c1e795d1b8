/**
 * Formulas for one element, as data: a number, the name of an input, or a function with its arguments, such as
 * `["mul", "x", ["sigmoid", "x"]]`. Because a formula is data, it can be differentiated, and every device can make its code from it.
 */
import { brief, unknownWord } from "../../error.js";
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName } from "./functions.js";

/** A formula as data: a number, the name of an operand, or a function of formulas. */
export type Expression = number | string | readonly [FunctionName, ...Expression[]];

/** Most functions in one expression, shared parts counted once: far more than in a formula that is written by hand. */
const MOST_FUNCTIONS = 1000;

/** A function of expressions that is worked out once for each: the derivative of a formula shares parts with itself. */
export function rememberedBy<T>(resultOf: (part: Expression) => T): (part: Expression) => T {
  const known = new Map<Expression, T>();
  return (part) => {
    const found = known.get(part);
    if (found !== undefined) return found;
    const result = resultOf(part);
    known.set(part, result);
    return result;
  };
}

/** What is wrong with an expression over `inputs`, in one sentence; undefined where nothing is. */
export function expressionFault(expression: Expression, inputs: readonly string[]): string | undefined {
  const sound = new Set<unknown>();
  const faultOf = (part: unknown): string | undefined => {
    if (sound.has(part)) return undefined;
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
    sound.add(part);
    if (sound.size > MOST_FUNCTIONS) return `has more than ${MOST_FUNCTIONS} functions: split it into several ops`;
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
  const simplified = simplifier();
  const slopeOf = rememberedBy((part): Expression => {
    if (typeof part === "number") return 0;
    if (typeof part === "string") return part === input ? 1 : 0;
    const [name, ...args] = part;
    if (name === "where") return choice(args[0], slopeOf(args[1]), slopeOf(args[2]));
    const outer = FUNCTIONS[name].derivatives(...args);
    return args.map((arg, i) => product(simplified(outer[i]), slopeOf(arg))).reduce((sum, term) => plus(sum, term), 0);
  });
  return slopeOf(expression);
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

/** Makes of an expression the same with what is known worked out: constants, and what is added or multiplied for nothing. */
function simplifier(): (expression: Expression) => Expression {
  const simplified = rememberedBy((expression): Expression => {
    if (typeof expression === "number" || typeof expression === "string") return expression;
    const [name, ...args] = expression;
    const simple = args.map(simplified);
    if (simple.every((arg) => typeof arg === "number")) {
      const value = FUNCTIONS[name].value(...simple);
      return Number.isFinite(Math.fround(value)) ? value : [name, ...simple];
    }
    if (name === "mul") return product(simple[0], simple[1]);
    if (name === "add") return plus(simple[0], simple[1]);
    return [name, ...simple];
  });
  return simplified;
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
