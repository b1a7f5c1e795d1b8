/** What every device refuses, in the same words. */
import { DawnpourError, UsageError, unknownWord } from "../../error.js";
import { BYTES_PER_ELEMENT, type ElementType, TYPED_ARRAYS, type TypedArray } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import type { Bindings } from "../device.js";

/** What the checks have to know of a buffer. */
interface Typed {
  readonly label: string;
  readonly length: number;
  readonly type: ElementType;
}

/** Throws unless there can be a buffer of `length` elements of `type`. */
export function checkDeclaration({ label, length, type }: Typed): void {
  if (!Object.hasOwn(BYTES_PER_ELEMENT, type)) {
    const { message } = unknownWord("element type", String(type), Object.keys(BYTES_PER_ELEMENT));
    throw new UsageError(`buffer "${label}": ${message}`);
  }
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new UsageError(`buffer "${label}": length must be a whole number from 1, got ${shown(length)}`);
  }
}

/** Throws unless `length` elements at `offset` lie within a buffer. */
export function checkRange(buffer: Pick<Typed, "label" | "length">, offset: number, length: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!whole || offset < 0 || length < 0 || offset + length > buffer.length) {
    throw new DawnpourError(
      `buffer "${buffer.label}" has ${buffer.length} elements: ${length} elements at offset ${offset} lie outside it`,
    );
  }
}

/** Throws unless `data` is an array of the buffer's type that fits in it at `offset`. */
export function checkWrite(buffer: Typed, offset: number, data: TypedArray): void {
  checkArray(buffer, data, "write a", "to");
  checkRange(buffer, offset, data.length);
}

/** Throws unless `out` is an array of the buffer's type that the buffer can fill from `offset` on. */
export function checkRead(buffer: Typed, offset: number, out: TypedArray): void {
  checkArray(buffer, out, "read a", "from");
  checkRange(buffer, offset, out.length);
}

function checkArray(buffer: Typed, data: TypedArray, verb: string, where: string): void {
  const wanted = TYPED_ARRAYS[buffer.type];
  if (!(data instanceof wanted)) {
    throw new DawnpourError(
      `buffer "${buffer.label}" holds ${buffer.type}: ${verb} ${wanted.name} ${where} it, got ${shown(data)}`,
    );
  }
}

/** Throws unless `times` is a whole number from 0. */
export function checkTimes(program: Program, times: number): void {
  if (!Number.isSafeInteger(times) || times < 0) {
    throw new UsageError(`${program.name}: times must be a whole number from 0, got ${shown(times)}`);
  }
}

/** Throws unless `program` is what `ProgramBuilder.build` returns. */
export function checkProgram(program: Program): void {
  if (!Array.isArray(program?.buffers) || !Array.isArray(program.ops)) {
    throw new UsageError(`compile takes a program, as build() of a ProgramBuilder returns it, got ${shown(program)}`);
  }
}

/**
 * The bindings of a program, by name. Entries that are undefined are left out.
 * @param isOwn whether a value is a buffer of this device
 * @throws unless each has the name of a buffer of the program, and is a buffer of this device with that type and length
 */
export function checkedBindings<B extends Typed>(
  program: Program,
  bindings: Bindings,
  isOwn: (buffer: unknown) => buffer is B,
): Map<string, B> {
  const bound = Object.entries(bindings).filter(([, buffer]) => buffer !== undefined);
  return new Map(bound.map(([name, buffer]) => [name, checkedBinding(program, name, buffer, isOwn)]));
}

function checkedBinding<B extends Typed>(
  program: Program,
  name: string,
  bound: unknown,
  isOwn: (buffer: unknown) => buffer is B,
): B {
  const declared = program.buffers.find((buffer) => buffer.name === name);
  if (!declared) throw unknownBuffer(program, name);
  if (!isOwn(bound)) {
    throw new UsageError(
      `${program.name}: buffer "${name}" must be bound to a buffer that this device created, got ${foreign(bound)}`,
    );
  }
  if (declared.type !== bound.type || declared.length !== bound.length) {
    throw new UsageError(
      `${program.name}: buffer "${name}" is ${declared.length} x ${declared.type}, got a binding of ${bound.length} x ${bound.type}`,
    );
  }
  return bound;
}

/** The error for a name that no buffer of the program has. */
export function unknownBuffer(program: Program, name: string): UsageError {
  const names = program.buffers.map((buffer) => buffer.name);
  return new UsageError(`${program.name}: ${unknownWord("buffer", String(name), names).message}`);
}

function foreign(bound: unknown): string {
  return typeof bound === "object" && bound !== null && "readInto" in bound
    ? "one of another device: create it on this one"
    : shown(bound);
}

/** A value in a message: numbers and short words as they are, anything else by its kind. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "an object") : String(value);
}
