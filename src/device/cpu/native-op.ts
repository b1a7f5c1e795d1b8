/** Ops in the form that the native core reads. Only maps change: their expressions become one list of steps over registers. */
import type { View } from "../../program/buffer.js";
import type { Operand } from "../../program/expression/code.js";
import { type MapWork, mapWork } from "../../program/fuse-maps.js";
import type { FunctionName, MapOp, Op } from "../../program/op.js";

/** Maps for the native core. Its registers are the inputs, then the constants, then the results of steps. */
interface NativeMap {
  readonly kind: "map";
  readonly inputs: readonly View[];
  readonly constants: readonly number[];
  readonly registers: number;
  /** For each step: its function, the register that it fills, and three registers that it reads (0 for operands that it lacks). */
  readonly steps: readonly (FunctionName | number)[];
  /** Outputs besides `out`, and the register that has each. */
  readonly others: readonly { readonly register: number; readonly view: View }[];
  /** What the last step computes. */
  readonly out: View;
}

export type NativeOp = Exclude<Op, MapOp> | NativeMap;

export function nativeOp(op: Op): NativeOp {
  return op.kind === "map" ? nativeMaps(mapWork([op])) : op;
}

export function nativeMaps({ inputs, steps: computed, outs }: MapWork): NativeMap {
  const [{ result }] = outs;
  // An expression without a step, such as an input alone, becomes max(x, x): that is x, bit for bit.
  const steps = "step" in result ? computed : [...computed, { name: "max" as const, args: [result, result] }];
  const stored = new Map(outs.map((out) => ["step" in out.result ? out.result.step : 0, out.view]));
  const all = steps.flatMap(({ args }) => args);
  const constants = [...new Set(all.flatMap((arg) => ("constant" in arg ? [arg.constant] : [])))];
  const fixed = inputs.length + constants.length;
  // The core makes a comparison a part of the choice that depends on it, so the choice reads what is compared.
  const reads = steps.map(({ name, args }) => {
    const [condition] = args;
    const compares = name === "where" && "step" in condition && steps[condition.step].name === "less";
    return compares ? [...args, ...steps[condition.step].args] : args;
  });
  const places = stepRegisters(reads, (step) => stored.has(step));
  const registerOf = (arg: Operand): number => {
    if ("input" in arg) return arg.input;
    return "constant" in arg ? inputs.length + constants.indexOf(arg.constant) : fixed + places[arg.step];
  };
  const last = steps.length - 1;
  const others = [...stored].filter(([step]) => step !== last);
  return {
    kind: "map",
    inputs,
    constants,
    registers: fixed + Math.max(...places) + 1,
    steps: steps.flatMap(({ name, args }, i) => {
      const [a, b = 0, c = 0] = args.map(registerOf);
      return [name, fixed + places[i], a, b, c];
    }),
    others: others.map(([step, view]) => ({ register: fixed + places[step], view })),
    out: outs[outs.length - 1].view,
  };
}

/** A register for the result of each step. After its last read a register is used again. A step that `isStored` has one of its own. */
function stepRegisters(args: readonly (readonly Operand[])[], isStored: (step: number) => boolean): number[] {
  const lastRead = new Map<number, number>();
  for (const [i, read] of args.entries()) for (const arg of read) if ("step" in arg) lastRead.set(arg.step, i);
  const free: number[] = [];
  const places: number[] = [];
  let count = 0;
  for (const [i, read] of args.entries()) {
    const done = new Set(
      read.flatMap((arg) =>
        "step" in arg && lastRead.get(arg.step) === i && !isStored(arg.step) ? [places[arg.step]] : [],
      ),
    );
    free.push(...done);
    const again = isStored(i) ? undefined : free.pop();
    places.push(again ?? count++);
  }
  return places;
}
