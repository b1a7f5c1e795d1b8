/** The gradients of a program beside central differences: a check for ops, layers and losses of a user's own. */
import { elements, type TypedArray, type View } from "../../program/buffer.js";
import { differentiate } from "../../program/differentiate.js";
import type { Program } from "../../program/program.js";
import { openReferenceDevice } from "../reference/reference-device.js";

/** Where both errors, of h^2 and of rounding over h, are about 1e-10 in float64. */
const STEP = 1e-5;

/** What `checkGradient` takes beside the program. */
export interface GradientCheckOptions {
  /** A scalar that the program computes. */
  readonly of: View;
  /** What to differentiate by: whole buffers, or parts of them. */
  readonly by: readonly View[];
  /** What buffers hold before a run, by name; written before each run. Others hold zeros. */
  readonly inputs: Readonly<Record<string, TypedArray | Float64Array | readonly number[]>>;
}

/**
 * For each entry of `by` the largest difference between the derived gradient and central differences, over the largest of these, on the
 * reference device in float64: below 1e-5 where the gradient is right and the function is smooth.
 * @example
 * ```ts
 * import { checkGradient, ProgramBuilder } from "dawnpour/kernels";
 *
 * const builder = new ProgramBuilder("squares");
 * const [x, target] = [builder.buffer("x", "f32", [2, 3]), builder.buffer("target", "f32", [2, 3])];
 * const total = builder.buffer("total", "f32", [1]);
 * const program = builder.loss({ loss: "mse", input: x, target, scale: 0.5, total }).build();
 * const [error] = await checkGradient(program, { of: total, by: [x], inputs: { x: [1, 2, 3, 4, 5, 6] } });
 * console.log(error < 1e-5); // true
 * ```
 */
export async function checkGradient(program: Program, { of, by, inputs }: GradientCheckOptions): Promise<number[]> {
  const derived = differentiate(program, { of, by });
  using device = openReferenceDevice();
  const executable = await device.compile(derived.program);
  const run = (moved?: { readonly buffer: string; readonly index: number; readonly by: number }): void => {
    for (const [name, values] of Object.entries(inputs)) {
      executable.buffer(name).writeExact(Float64Array.from(values));
    }
    if (moved) {
      const buffer = executable.buffer(moved.buffer);
      const [held] = buffer.readExact(moved.index, 1);
      buffer.writeExact(Float64Array.of(held + moved.by), moved.index);
    }
    executable.run();
  };
  const valueAt = (view: View, element: number, step: number): number => {
    run({ buffer: view.buffer, index: view.offset + element, by: step });
    return executable.buffer(of.buffer).readExact(of.offset, 1)[0];
  };
  run();
  const found = derived.gradients.map(({ buffer }) => executable.buffer(buffer).readExact());
  return by.map((view, i) => {
    const expected = Array.from(
      { length: elements(view) },
      (_, element) => (valueAt(view, element, STEP) - valueAt(view, element, -STEP)) / (2 * STEP),
    );
    const worst = Math.max(...expected.map((value, element) => Math.abs(value - found[i][element])));
    return worst === 0 ? 0 : worst / Math.max(...expected.map(Math.abs));
  });
}
