/**
 * A program together with what its buffers hold before it runs, made from a seed. The conformance tests run each scenario
 * on the float64 reference once and on every device present, from the same rounded values, and compare what comes out.
 */

import type { Held } from "../../src/device/reference/matrix.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { ElementType, TypedArray, View } from "../../src/program/buffer.js";
import { type Float, slice } from "../../src/program/buffer.js";
import { isNarrow, type NarrowFloat, toFloats } from "../../src/program/narrow-float.js";
import { type Activation, activations } from "../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import { Random } from "../../src/world/random.js";

/** Draws one element. */
export type Draw = (random: Random) => number;

export const normal: Draw = (random) => random.normal();
export const between =
  (low: number, high: number): Draw =>
  (random) =>
    random.between(low, high);
/** With a mean well away from 0, so that long sums are well conditioned. */
export const lopsided: Draw = between(-0.5, 1);
export const zero: Draw = () => 0;

/** Where a derivative may be asked for: what `activation` makes of a draw, or the draw where `derivativeFrom` says so. */
export const derivativePoint =
  (activation: Activation, draw: Draw): Draw =>
  (random) =>
    activations.get(activation).derivativeFrom === "input"
      ? draw(random)
      : activations.get(activation).value(draw(random));

/** The value of the elements around a view in a larger buffer. No op may change them. */
const SURROUNDING = 7.5;

type Shape = readonly [rows: number, columns: number];

export class Scenario {
  readonly name: string;
  readonly inputs: Record<string, TypedArray> = {};
  /** How many times in a row the program runs. */
  runs = 1;
  readonly builder: ProgramBuilder;
  readonly #random: Random;
  #expected: Promise<ReadonlyMap<string, Held[ElementType]>> | undefined;
  #program: Program | undefined;

  constructor(name: string, seed = 1) {
    this.name = name;
    this.builder = new ProgramBuilder(name);
    this.#random = new Random(seed);
  }

  /** Declares a buffer filled by `draw`. */
  f32(name: string, [rows, columns]: Shape, draw: Draw = normal): View {
    const view = this.builder.buffer(name, "f32", [rows, columns]);
    this.inputs[name] = Float32Array.from({ length: rows * columns }, () => draw(this.#random));
    return view;
  }

  /** As `f32`, but `offset` elements into a buffer that also goes on behind it. */
  f32At(offset: number, name: string, [rows, columns]: Shape, draw: Draw = normal): View {
    const length = offset + rows * columns + 5;
    const whole = this.builder.buffer(name, "f32", [length]);
    const values = new Float32Array(length).fill(SURROUNDING);
    for (let i = 0; i < rows * columns; i++) values[offset + i] = draw(this.#random);
    this.inputs[name] = values;
    return slice(whole, offset, rows, columns);
  }

  /** As `f32`, of a narrower type. */
  narrow(type: NarrowFloat, name: string, [rows, columns]: Shape, draw: Draw = normal): View {
    const view = this.builder.buffer(name, type, [rows, columns]);
    this.inputs[name] = toFloats(
      type,
      Array.from({ length: rows * columns }, () => draw(this.#random)),
    );
    return view;
  }

  /** As `narrow`, but `offset` elements into a buffer that also goes on behind it. */
  narrowAt(type: NarrowFloat, offset: number, name: string, [rows, columns]: Shape, draw: Draw = normal): View {
    const inside = (i: number): boolean => i >= offset && i < offset + rows * columns;
    const whole = this.narrow(type, name, [1, offset + rows * columns + 5], () => SURROUNDING);
    this.inputs[name] = toFloats(
      type,
      Array.from({ length: whole.columns }, (_, i) => (inside(i) ? draw(this.#random) : SURROUNDING)),
    );
    return slice(whole, offset, rows, columns);
  }

  /** A view of floats of any type. */
  float(type: Float, name: string, shape: Shape, draw: Draw = normal): View {
    return isNarrow(type) ? this.narrow(type, name, shape, draw) : this.f32(name, shape, draw);
  }

  u8(name: string, [rows, columns]: Shape): View {
    this.inputs[name] = Uint8Array.from({ length: rows * columns }, () => this.#random.below(256));
    return this.builder.buffer(name, "u8", [rows, columns]);
  }

  u32(name: string, values: readonly number[]): View {
    this.inputs[name] = Uint32Array.from(values);
    return this.builder.buffer(name, "u32", [values.length]);
  }

  /** A table of f32 entries, filled by `draw`, moved by `cursor`. */
  f32Table(name: string, entries: number, columns: number, cursor: View, draw: Draw = normal): View {
    this.inputs[name] = Float32Array.from({ length: entries * columns }, () => draw(this.#random));
    return this.builder.table(name, "f32", entries, [columns], cursor);
  }

  u32Table(name: string, entries: readonly (readonly number[])[], cursor: View): View {
    this.inputs[name] = Uint32Array.from(entries.flat());
    return this.builder.table(name, "u32", entries.length, [entries[0].length], cursor);
  }

  get program(): Program {
    this.#program ??= this.builder.build();
    return this.#program;
  }

  /** Every buffer after the runs on the float64 reference. */
  expected(): Promise<ReadonlyMap<string, Held[ElementType]>> {
    this.#expected ??= this.#runOnReference();
    return this.#expected;
  }

  async #runOnReference(): Promise<ReadonlyMap<string, Held[ElementType]>> {
    const executable = await openReferenceDevice().compile(this.program);
    for (const [name, values] of Object.entries(this.inputs)) executable.buffer(name).write(values);
    executable.run(this.runs);
    return new Map(this.program.buffers.map(({ name }) => [name, executable.buffer(name).readExact()]));
  }
}
