/**
 * Watches a run for NaN and infinity. It keeps what the steps of a window began with. If the window leaves a number that is not
 * finite, it goes back, repeats the window step by step, and the first bad step op by op: so it names the op that made the number.
 * The steps have the bits that they have without it.
 */
import { findNonFinite, type NonFinite } from "../device/check/find-non-finite.js";
import type { Device, Executable } from "../device/device.js";
import { DawnpourError } from "../error.js";
import type { ParameterLayout } from "../model/layout.js";
import { elements, type TypedArray, type View } from "../program/buffer.js";
import { fromFloats, isNarrow } from "../program/narrow-float.js";
import { operands } from "../program/op.js";
import type { Program } from "../program/program.js";

/** A step made a NaN or an infinity. The message names the step and the op. */
export class NonFiniteError extends DawnpourError {
  override name = "NonFiniteError";
}

/** The program of a step, and how it is repeated. */
interface CheckedSteps {
  readonly device: Device;
  readonly executable: Executable;
  /** Writes what the step of that number reads from the host, so that one run of the program is that step. */
  readonly fill: (step: number) => void;
  /** The layout of a buffer that is a flat vector. */
  readonly layoutOf: (buffer: string) => ParameterLayout | undefined;
}

/** What buffers hold, by name. */
type Contents = ReadonlyMap<string, TypedArray>;

/** The check of one program. */
export class FiniteCheck {
  readonly #steps: CheckedSteps;
  readonly #lasting: readonly string[];

  constructor(steps: CheckedSteps) {
    this.#steps = steps;
    this.#lasting = lastingBuffers(steps.executable.program);
  }

  /**
   * Runs `count` steps, the first of number `first`, by `run`.
   * @throws NonFiniteError when they leave a NaN or an infinity
   */
  async around<T>(first: number, count: number, run: () => Promise<T>): Promise<T> {
    const before = await this.#save();
    const result = await run();
    if (this.#areFinite(await this.#save())) return result;
    this.#restore(before);
    for (let step = first; step < first + count; step++) await this.#repeat(step);
    // Only a device that does not repeat its bits gets here.
    throw new NonFiniteError(
      `steps ${first} to ${first + count - 1} made a number that is not finite, and did not when they were repeated: the device ${this.#steps.device.info.name} is not reliable`,
    );
  }

  async #repeat(step: number): Promise<void> {
    const { device, executable, fill, layoutOf } = this.#steps;
    const before = await this.#save();
    fill(step);
    executable.run();
    if (this.#areFinite(await this.#save())) return;
    this.#restore(before);
    fill(step);
    const found = await findNonFinite(device, executable);
    if (found) throw new NonFiniteError(`step ${step}: ${describeNonFinite(found, layoutOf)}`);
  }

  async #save(): Promise<Contents> {
    const saved = new Map<string, TypedArray>();
    for (const name of this.#lasting) saved.set(name, await this.#steps.executable.buffer(name).read());
    return saved;
  }

  #areFinite(contents: Contents): boolean {
    return [...contents].every(([name, values]) => {
      const { type } = this.#steps.executable.buffer(name);
      if (isNarrow(type)) return fromFloats(type, values).every(Number.isFinite);
      return type !== "f32" || (values as Float32Array).every(Number.isFinite);
    });
  }

  #restore(contents: Contents): void {
    for (const [name, values] of contents) this.#steps.executable.buffer(name).write(values);
  }
}

/** What was found, in words: `op 12, gemm, made the first NaN: encoder.1.output, row 3, column 17`. */
function describeNonFinite(
  { op, kind, made, value, view, row, column }: NonFinite,
  layoutOf: (buffer: string) => ParameterLayout | undefined,
): string {
  const element = view.offset + row * view.columns + column;
  const tensor = layoutOf(view.buffer)?.at(element);
  const place = tensor
    ? `${tensor.name} in ${view.buffer}, row ${tensor.row}, column ${tensor.column}`
    : `${view.buffer}, row ${row}, column ${column}`;
  const known = `op ${op}, ${kind},`;
  return made
    ? `${known} made the first ${value}: ${place}`
    : `${known} read ${value}, which was there before: ${place}`;
}

/**
 * The buffers that a run of a program leaves to the next run, and those that it leaves to the host: an op writes to them, and an op reads
 * them before they are written, or none reads them.
 */
function lastingBuffers({ ops }: Program): string[] {
  const written = new Map<string, Span[]>();
  const [lasting, read] = [new Set<string>(), new Set<string>()];
  for (const op of ops) {
    const { reads, writes } = operands(op);
    for (const view of reads) {
      read.add(view.buffer);
      if (!isCovered(spanOf(view), written.get(view.buffer) ?? [])) lasting.add(view.buffer);
    }
    for (const view of writes) written.set(view.buffer, [...(written.get(view.buffer) ?? []), spanOf(view)]);
  }
  return [...written.keys()].filter((name) => lasting.has(name) || !read.has(name));
}

/** The elements of a buffer from the first up to the last, without it. */
type Span = readonly [first: number, end: number];

const spanOf = (view: View): Span => [view.offset, view.offset + elements(view)];

function isCovered([first, end]: Span, spans: readonly Span[]): boolean {
  let at = first;
  for (const [start, stop] of spans.toSorted((a, b) => a[0] - b[0])) if (start <= at) at = Math.max(at, stop);
  return at >= end;
}
