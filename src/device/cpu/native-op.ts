/** Ops in the form that the native core reads. Only a map changes: its expression becomes a list of steps over registers. */
import type { View } from "../../program/buffer.js";
import type { Operand } from "../../program/expression/code.js";
import type { FunctionName, MapOp, Op } from "../../program/op.js";
import { mapCode } from "../../program/ops/map.js";

/** A map for the native core. Its registers are the inputs, then the constants, then the results of steps. */
interface NativeMap {
  readonly kind: "map";
  readonly inputs: readonly View[];
  readonly constants: readonly number[];
  readonly registers: number;
  /** For each step: its function, the register that it fills, and three registers that it reads (0 for operands that it lacks). */
  readonly steps: readonly (FunctionName | number)[];
  readonly out: View;
}

export type NativeOp = Exclude<Op, MapOp> | NativeMap;

export function nativeOp(op: Op): NativeOp {
  return op.kind === "map" ? nativeMap(op) : op;
}

function nativeMap(op: MapOp): NativeMap {
  const code = mapCode(op);
  const isStep = "step" in code.result;
  // An expression without a step, such as an input alone, becomes max(x, x): that is x, bit for bit.
  const steps = isStep ? code.steps : [...code.steps, { name: "max" as const, args: [code.result, code.result] }];
  const all = steps.flatMap(({ args }) => args);
  const constants = [...new Set(all.flatMap((arg) => ("constant" in arg ? [arg.constant] : [])))];
  const inputs = Object.values(op.inputs);
  const fixed = inputs.length + constants.length;
  const places = stepRegisters(steps.map(({ args }) => args));
  const registerOf = (arg: Operand): number => {
    if ("input" in arg) return arg.input;
    return "constant" in arg ? inputs.length + constants.indexOf(arg.constant) : fixed + places[arg.step];
  };
  return {
    kind: "map",
    inputs,
    constants,
    registers: fixed + Math.max(...places) + 1,
    steps: steps.flatMap(({ name, args }, i) => {
      const [a, b = 0, c = 0] = args.map(registerOf);
      return [name, fixed + places[i], a, b, c];
    }),
    out: op.out,
  };
}

/** A register for the result of each step. After its last read a register is used again. The last step has one of its own. */
function stepRegisters(args: readonly (readonly Operand[])[]): number[] {
  const lastRead = new Map<number, number>();
  for (const [i, read] of args.entries()) for (const arg of read) if ("step" in arg) lastRead.set(arg.step, i);
  const free: number[] = [];
  const places: number[] = [];
  let count = 0;
  for (const [i, read] of args.entries()) {
    const done = new Set(
      read.flatMap((arg) => ("step" in arg && lastRead.get(arg.step) === i ? [places[arg.step]] : [])),
    );
    const isLast = i === args.length - 1;
    if (!isLast) free.push(...done);
    const again = isLast ? undefined : free.pop();
    places.push(again ?? count++);
  }
  return places;
}
