/**
 * The bounds within which a device must agree with the reference. For a tensor x and its float64 reference r:
 * - of every tensor: max |x - r| <= 1e-5 max |r|;
 * - of the outputs of elementwise ops, more: |x - r| <= 1e-5 max(|r|, max |r| / 20), each element on its own. Below a
 *   twentieth of the scale that bound stops shrinking, at 5e-7 of the scale, because what WGSL grants its own functions
 *   is not much less: exp may be off by 3 + 2 |x| ulp and a quotient by 2.5, which makes 3e-7 of a sigmoid.
 * A narrower float may besides be off by half of its last bit: the reference is what it was rounded from.
 * Whole numbers, and every element that no op writes, must be the same bits.
 */
import { expect } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type ElementType, elements, type TypedArray } from "../../src/program/buffer.js";
import { fromFloats, isNarrow, type NarrowFloat } from "../../src/program/narrow-float.js";
import { operands } from "../../src/program/op.js";
import type { Program } from "../../src/program/program.js";
import type { Scenario } from "./scenario.js";

const TOLERANCE = 1e-5;
const FLOOR = 1 / 20;
interface Rounding {
  /** Half of the last bit, relative. */
  readonly halfBit: number;
  /** The size below which the bound does not shrink further. */
  readonly leastNormal: number;
}
const ROUNDING: Readonly<Record<NarrowFloat, Rounding>> = {
  f16: { halfBit: 2 ** -11, leastNormal: 2 ** -14 },
  bf16: { halfBit: 2 ** -8, leastNormal: 2 ** -126 },
};

export type Measure = "tensor" | "elementwise";

/** Runs the scenario on `device` and compares every buffer with the reference. */
export async function expectAgreement(device: Device, scenario: Scenario, measure: Measure = "tensor"): Promise<void> {
  const { program } = scenario;
  const expected = await scenario.expected();
  const executable = await device.compile(program);
  try {
    for (const [name, values] of Object.entries(scenario.inputs)) executable.buffer(name).write(values);
    executable.run(scenario.runs);
    for (const { name, type } of program.buffers) {
      const x = numbers(type, await executable.buffer(name).read());
      const r = expected.get(name) ?? [];
      const written = x instanceof Float32Array ? writtenParts(program, name, x.length) : [];
      const rounding = isNarrow(type) ? ROUNDING[type] : undefined;
      for (const [start, end] of written) {
        const problem = disagreement(x.subarray(start, end), r.slice(start, end), measure, rounding);
        if (problem) expect.fail(`${scenario.name}: ${name}, view from ${start} to ${end}: ${problem}`);
      }
      const isWritten = (index: number): boolean => written.some(([start, end]) => start <= index && index < end);
      const changed = x.findIndex((value, i) => !same(value, r[i]) && !isWritten(i));
      if (changed >= 0) expect.fail(`${scenario.name}: ${name}[${changed}] is ${x[changed]}, must be ${r[changed]}`);
    }
  } finally {
    executable.destroy();
  }
}

/** NaN counts as equal to NaN, and 0 to -0. */
const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** What a buffer holds. Only narrow floats come as Uint16Array. */
function numbers(type: ElementType, values: TypedArray): Exclude<TypedArray, Uint16Array> {
  return isNarrow(type) ? fromFloats(type, values as Uint16Array) : (values as Exclude<TypedArray, Uint16Array>);
}

/**
 * Says where x is furthest from r, in units of the bound, if it is out of bounds anywhere.
 * @param rounding what x is granted besides, because its type has no more bits
 */
export function disagreement(
  x: ArrayLike<number>,
  r: ArrayLike<number>,
  measure: Measure,
  rounding: Rounding = { halfBit: 0, leastNormal: 0 },
): string | undefined {
  const scale = Array.from(r).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const floor = measure === "tensor" ? scale : FLOOR * scale;
  let worst = { ratio: 0, index: -1 };
  for (let index = 0; index < r.length; index++) {
    const unit = Math.max(Math.abs(r[index]), floor);
    const error = Math.abs(x[index] - r[index]) - rounding.halfBit * Math.max(Math.abs(r[index]), rounding.leastNormal);
    // 0 / 0 means that both are equal. A NaN from a device has the largest possible distance.
    const ratio = error <= 0 ? 0 : error / unit;
    if (!(ratio <= worst.ratio)) worst = { ratio: Number.isNaN(ratio) ? Number.POSITIVE_INFINITY : ratio, index };
  }
  if (worst.ratio <= TOLERANCE) return undefined;
  const { ratio, index } = worst;
  return `element ${index} of ${r.length} is ${x[index]}, must be ${r[index]} (relative error ${ratio.toExponential(2)}, scale ${scale})`;
}

/** The parts [start, end) of a buffer that ops write, one for each view; a table is one part. */
function writtenParts(program: Program, buffer: string, length: number): [number, number][] {
  return program.ops
    .flatMap((op) => operands(op).writes)
    .filter((view) => view.buffer === buffer)
    .map((view) => (view.cursor === undefined ? [view.offset, view.offset + elements(view)] : [view.offset, length]));
}
