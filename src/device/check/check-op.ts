/** What a device computes beside the float64 reference: a check for ops and programs of a user's own. */
import type { TypedArray } from "../../program/buffer.js";
import { fromFloats, isNarrow } from "../../program/narrow-float.js";
import type { Program } from "../../program/program.js";
import type { Device } from "../device.js";
import { openReferenceDevice } from "../reference/reference-device.js";

/** How far a buffer of a device is from the reference. */
export interface Deviation {
  readonly buffer: string;
  /** The largest difference of an element, over the largest element of the reference. */
  readonly error: number;
}

/**
 * Runs a program, of one op or of many, on `device` and on the reference device, from the same `inputs` by name of their buffer. Returns how
 * far each buffer is from the reference, the farthest first: below 1e-5 is what the devices of the library keep in f32.
 * @example
 * ```ts
 * import { checkOp, openDevice, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("squares");
 * const [x, target] = [builder.buffer("x", "f32", [2, 3]), builder.buffer("target", "f32", [2, 3])];
 * const total = builder.buffer("total", "f32", [1]);
 * const program = builder.loss({ loss: "mse", input: x, target, scale: 0.5, total }).build();
 * await using device = await openDevice({ device: "cpu" });
 * const [farthest] = await checkOp(device, program, { x: Float32Array.of(1, 2, 3, 4, 5, 6) });
 * console.log(farthest.error < 1e-5); // true
 * ```
 */
export async function checkOp(
  device: Device,
  program: Program,
  inputs: Readonly<Record<string, TypedArray>>,
): Promise<Deviation[]> {
  const [found, expected] = [await results(device, program, inputs), await onReference(program, inputs)];
  return program.buffers
    .map(({ name }) => ({ buffer: name, error: deviation(found.get(name) ?? [], expected.get(name) ?? []) }))
    .sort((a, b) => b.error - a.error);
}

type Numbers = ReadonlyMap<string, ArrayLike<number>>;

async function onReference(program: Program, inputs: Readonly<Record<string, TypedArray>>): Promise<Numbers> {
  using device = openReferenceDevice();
  return await results(device, program, inputs);
}

async function results(
  device: Device,
  program: Program,
  inputs: Readonly<Record<string, TypedArray>>,
): Promise<Numbers> {
  using executable = await device.compile(program);
  for (const [name, values] of Object.entries(inputs)) executable.buffer(name).write(values);
  executable.run();
  const read = new Map<string, ArrayLike<number>>();
  for (const { name, type } of program.buffers) {
    const values = await executable.buffer(name).read();
    read.set(name, isNarrow(type) ? fromFloats(type, values) : values);
  }
  return read;
}

function deviation(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [worst, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]);
    // NaN is as far as anything can be, unless both are.
    const isAlike = Object.is(found[i], expected[i]) || error === 0;
    if (!isAlike) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst === 0 ? 0 : worst / (scale || 1);
}
