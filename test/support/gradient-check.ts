/**
 * Gradients against central differences: (L(p + h) - L(p - h)) / 2h for every single parameter, on the float64 reference.
 * There the truncation error (h^2) and the rounding error (1e-16 / h) both stay near 1e-10 of the loss, so a gradient
 * that is right agrees to many digits, and one that is wrong in any term does not.
 */
import { openReferenceDevice, type ReferenceExecutable } from "../../src/device/reference/reference-device.js";
import { elements, type TypedArray, type View } from "../../src/program/buffer.js";
import type { Program } from "../../src/program/program.js";

const STEP = 1e-5;

export interface GradientCheck {
  /** Has f32 buffers `parameters`, `gradients` (as long, written by the program) and `loss` (one element). */
  readonly program: Program;
  /** Where to take the gradient. */
  readonly parameters: Float64Array;
  /** What else the program reads, by buffer. Written before every run, so the program may overwrite it. */
  readonly inputs: Readonly<Record<string, Float64Array | TypedArray>>;
  /** The tensors within `parameters` to check, by name. */
  readonly views: Readonly<Record<string, View>>;
}

/**
 * The relative error of each view's gradient: the largest difference of any element from the central difference, over
 * the largest central difference in the view.
 */
export async function gradientErrors(check: GradientCheck): Promise<Record<string, number>> {
  const executable = await openReferenceDevice().compile(check.program);
  run(executable, check, check.parameters);
  const gradients = executable.buffer("gradients").readExact();
  const errors: Record<string, number> = {};
  for (const [name, view] of Object.entries(check.views)) {
    const expected = centralDifferences(executable, check, view);
    const worst = largest(expected.map((value, i) => value - gradients[view.offset + i]));
    errors[name] = worst === 0 ? 0 : worst / largest(expected);
  }
  return errors;
}

function centralDifferences(executable: ReferenceExecutable, check: GradientCheck, view: View): Float64Array {
  const loss = executable.buffer("loss");
  const lossAt = (index: number, step: number): number => {
    const moved = check.parameters.slice();
    moved[index] += step;
    run(executable, check, moved);
    return loss.readExact()[0];
  };
  return Float64Array.from({ length: elements(view) }, (_, i) => {
    const index = view.offset + i;
    return (lossAt(index, STEP) - lossAt(index, -STEP)) / (2 * STEP);
  });
}

function run(executable: ReferenceExecutable, { inputs }: GradientCheck, parameters: Float64Array): void {
  for (const [name, values] of Object.entries(inputs)) {
    executable.buffer(name).writeExact(Float64Array.from(values));
  }
  executable.buffer("parameters").writeExact(parameters);
  executable.run();
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
