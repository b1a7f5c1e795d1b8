/** Runs a program op by op, and finds the first that makes a NaN or an infinity: on any device, with the kernels of that device. */
import { elements, FLOATS, type View } from "../../program/buffer.js";
import { fromFloats, isNarrow } from "../../program/narrow-float.js";
import { type Op, type OpKind, operands } from "../../program/op.js";
import type { Program } from "../../program/program.js";
import type { Device, Executable } from "../device.js";

/** The first element that is no finite number. */
export interface NonFinite {
  /** The number of the op in its program, from 0, and its kind. */
  readonly op: number;
  readonly kind: OpKind;
  /** Whether the op made it. Else the op read it: its buffer held it before the run. */
  readonly made: boolean;
  /** NaN, Infinity or -Infinity. */
  readonly value: number;
  /** The output, or the input, that has it. */
  readonly view: View;
  /** Its place in the view, from 0. */
  readonly row: number;
  readonly column: number;
}

/**
 * Runs the program of an executable once, on its buffers as they are, and stops behind the first op with an output that is not finite.
 * Each op runs alone, with the bits that it has in the whole program. Undefined where all is finite.
 * @example
 * ```ts
 * import { findNonFinite, openDevice, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("roots");
 * const [x, y] = [builder.buffer("x", "f32", [2, 3]), builder.buffer("y", "f32", [2, 3])];
 * builder.map({ expression: ["sqrt", "x"], inputs: { x }, out: y });
 * await using device = await openDevice({ device: "cpu" });
 * const executable = await device.compile(builder.build());
 * executable.buffer("x").write(Float32Array.of(4, 9, 1, 0, -1, 4));
 * const found = await findNonFinite(device, executable);
 * console.log(found?.kind, found?.row, found?.column, found?.value); // map 1 1 NaN
 * ```
 */
export async function findNonFinite(device: Device, executable: Executable): Promise<NonFinite | undefined> {
  // What was finite once stays so until an op writes to it, and all that an op writes is looked at.
  const seen = new Set<string>();
  for (const [index, op] of executable.program.ops.entries()) {
    const { reads, writes } = operands(op);
    const at = { op: index, kind: op.kind };
    for (const view of reads) {
      const key = JSON.stringify(view);
      const found = seen.has(key) ? undefined : await firstIn(executable, view);
      if (found) return { ...at, made: false, view, ...found };
      seen.add(key);
    }
    await runAlone(device, executable, op);
    for (const view of writes) {
      const found = await firstIn(executable, view);
      if (found) return { ...at, made: true, view, ...found };
      seen.add(JSON.stringify(view));
    }
  }
  return undefined;
}

async function runAlone(device: Device, whole: Executable, op: Op): Promise<void> {
  const { program } = whole;
  const { reads, writes } = operands(op);
  const named = new Set([...reads, ...writes].flatMap((view) => [view.buffer, ...(view.cursor ? [view.cursor] : [])]));
  const buffers = program.buffers.filter(({ name }) => named.has(name));
  const alone: Program = { name: program.name, buffers, ops: [op] };
  const bindings = Object.fromEntries(buffers.map(({ name }) => [name, whole.buffer(name)]));
  using executable = await device.compile(alone, bindings);
  executable.run();
}

/** The first element of a view that is not finite. Labels, row numbers and pixels always are. */
async function firstIn(executable: Executable, view: View) {
  if (!(FLOATS as readonly string[]).includes(view.type)) return undefined;
  const read = await executable.buffer(view.buffer).read(await startOf(executable, view), elements(view));
  const values = isNarrow(view.type) ? fromFloats(view.type, read) : read;
  const place = values.findIndex((value: number) => !Number.isFinite(value));
  if (place < 0) return undefined;
  return { value: values[place], row: Math.floor(place / view.columns), column: place % view.columns };
}

/** Where a view begins in its buffer, which a cursor may decide. */
async function startOf(executable: Executable, view: View): Promise<number> {
  if (view.cursor === undefined) return view.offset;
  const [cursor] = await executable.buffer(view.cursor).read();
  const entries = Math.floor((executable.buffer(view.buffer).length - view.offset) / elements(view));
  return view.offset + Math.min(cursor, entries - 1) * elements(view);
}
