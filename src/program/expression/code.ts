/** An expression as a list of steps, from which devices make their code. Equal parts of the expression are one step. */
import { type Expression, rememberedBy } from "./expression.js";
import { FUNCTIONS, type FunctionName } from "./functions.js";

/** An operand of a step: an input by its index, a constant, or the result of an earlier step. */
export type Operand = { readonly input: number } | { readonly constant: number } | { readonly step: number };

export interface Step {
  readonly name: FunctionName;
  readonly args: readonly Operand[];
}

export interface Code {
  readonly steps: readonly Step[];
  readonly result: Operand;
}

/** @param inputs the names of the inputs, in the order of their indices */
export function codeOf(expression: Expression, inputs: readonly string[]): Code {
  const steps: Step[] = [];
  const known = new Map<string, Operand>();
  const operandOf = rememberedBy((part: Expression): Operand => {
    if (typeof part === "number") return { constant: part };
    if (typeof part === "string") return { input: inputs.indexOf(part) };
    const [name, ...parts] = part;
    const args = parts.map(operandOf);
    const key = JSON.stringify([name, args]);
    const found = known.get(key);
    if (found) return found;
    const operand = { step: steps.push({ name, args }) - 1 };
    known.set(key, operand);
    return operand;
  });
  return { result: operandOf(expression), steps };
}

/** The value of one element. */
export function evaluate({ steps, result }: Code, inputs: readonly number[]): number {
  const values: number[] = [];
  const resultOf = (operand: Operand): number => {
    if ("input" in operand) return inputs[operand.input];
    return "constant" in operand ? operand.constant : values[operand.step];
  };
  for (const { name, args } of steps) values.push(FUNCTIONS[name].value(...args.map(resultOf)));
  return resultOf(result);
}

/** Operations of one element. */
export function codeFlops({ steps }: Code): number {
  return steps.reduce((sum, { name }) => sum + FUNCTIONS[name].flops, 0);
}
