/**
 * Maps in a row as one pass over their elements. Each output is stored, because a later program may read it, but what one map computes for
 * another is not loaded again. Each function rounds as it does in a map by itself.
 */
import type { View } from "./buffer.js";
import { overlaps, sameView } from "./check.js";
import type { Operand, Step } from "./expression/code.js";
import type { MapOp, Op } from "./op.js";
import { mapCode } from "./ops/map.js";

/** What a device computes for maps in a row. */
export interface MapWork {
  /** What is read before anything is written. */
  readonly inputs: readonly View[];
  readonly steps: readonly Step[];
  /** All of one shape, that of the last map last. No two have an element in common. */
  readonly outs: readonly { readonly view: View; readonly result: Operand }[];
}

/** Ops of a program from the `first` on: one op, or maps that are computed together. */
export interface Group {
  readonly first: number;
  readonly ops: readonly Op[];
}

/** Most views of a pass: every GPU can bind that number. */
const MOST_VIEWS = 8;
/** Most functions of a pass. */
const MOST_STEPS = 500;

/** The ops of a program in their order, maps in a row together where they can be. */
export function grouped(ops: readonly Op[]): Group[] {
  const groups: { first: number; ops: Op[] }[] = [];
  for (const [i, op] of ops.entries()) {
    const last = groups.at(-1);
    if (last && op.kind === "map" && canJoin(last.ops, op)) last.ops.push(op);
    else groups.push({ first: i, ops: [op] });
  }
  return groups;
}

/** Whether one pass can compute those maps and then `next`: each element of its result must depend on the same element of theirs alone. */
function canJoin(before: readonly Op[], next: MapOp): boolean {
  const maps = before.filter((op) => op.kind === "map");
  if (maps.length < before.length || !isLike(maps[0].out, next.out)) return false;
  const outs = maps.map(({ out }) => out);
  const reads = maps.flatMap(({ inputs }) => Object.values(inputs));
  const readsSound = Object.values(next.inputs).every((input) =>
    outs.every((out) => !overlaps(input, out) || (sameView(input, out) && out.type === "f32")),
  );
  const writesSound =
    outs.every((out) => !overlaps(out, next.out)) &&
    reads.every((read) => !overlaps(read, next.out) || sameView(read, next.out));
  if (!readsSound || !writesSound) return false;
  const { inputs, steps } = mapWork([...maps, next]);
  const more = [...outs, next.out].filter((out) => !inputs.some((input) => sameView(input, out)));
  return inputs.length + more.length <= MOST_VIEWS && steps.length <= MOST_STEPS;
}

const isLike = (a: View, b: View): boolean => a.rows === b.rows && a.columns === b.columns;

/** The steps of maps that one pass can compute. Equal steps are one. */
export function mapWork(maps: readonly MapOp[]): MapWork {
  const inputs: View[] = [];
  const steps: Step[] = [];
  const outs: { view: View; result: Operand }[] = [];
  const known = new Map<string, Operand>();
  const read = (view: View): Operand => {
    const made = outs.findLast((out) => sameView(out.view, view));
    if (made) return made.result;
    const index = inputs.findIndex((input) => sameView(input, view));
    return { input: index < 0 ? inputs.push(view) - 1 : index };
  };
  for (const map of maps) {
    const code = mapCode(map);
    const given = Object.values(map.inputs).map(read);
    const own: Operand[] = [];
    const before = steps.length;
    const placed = (operand: Operand): Operand => {
      if ("input" in operand) return given[operand.input];
      return "step" in operand ? own[operand.step] : operand;
    };
    for (const { name, args } of code.steps) {
      const step = { name, args: args.map(placed) };
      const key = JSON.stringify(step);
      const operand = known.get(key) ?? { step: steps.push(step) - 1 };
      known.set(key, operand);
      own.push(operand);
    }
    const result = placed(code.result);
    // Each of several outputs is the result of a step in the place of its map: x becomes max(x, x), which is x, bit for bit. Read later, an
    // input could be overwritten.
    const isOwn = maps.length === 1 || ("step" in result && result.step >= before);
    const stored = isOwn ? result : { step: steps.push({ name: "max", args: [result, result] }) - 1 };
    outs.push({ view: map.out, result: stored });
  }
  return { inputs, steps, outs };
}
