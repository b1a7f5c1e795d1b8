/** Ops in the form in which the native core reads them: as they are, but a map, whose expression becomes steps over registers. */
import type { View } from "../../program/buffer.js";
import type { Operand } from "../../program/expression/code.js";
import type { FunctionName, MapOp, Op } from "../../program/op.js";
import { mapCode } from "../../program/ops/map.js";

/** A map for the native core: registers are the inputs, then the constants, then what steps leave. */
interface NativeMap {
  readonly kind: "map";
  readonly inputs: readonly View[];
  readonly constants: readonly number[];
  readonly registers: number;
  /** Of each step its function, the register that it fills, and three that it reads; 0 for those that it does not take. */
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
  // What needs no step is taken as the greater of it and itself: every bit stays.
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

/** A register for the result of each step: one whose result was read for the last time is used again. The last has its own. */
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
