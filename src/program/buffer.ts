/**
 * Typed buffers and the views that ops work on.
 *
 * A buffer is a named, flat sequence of elements. A view is a dense row-major matrix somewhere inside a buffer: one flat vector
 * holds every parameter of a model, and each layer sees a matrix in it. A view may also be *moved by a cursor*: it is then entry
 * `cursor` of a table, so several steps can run in a row without a write between them.
 */

/** What a buffer holds: floats (JavaScript has f16 and bf16 as their bits), row numbers and cursors (u32), or stored pixels (u8). */
export type ElementType = "f32" | "f16" | "bf16" | "u32" | "u8";

/** The types of floating-point numbers. */
export const FLOATS = ["f32", "f16", "bf16"] as const satisfies readonly ElementType[];
/** A type of floating-point elements. */
export type Float = (typeof FLOATS)[number];

/** The JavaScript array that holds elements of each type. */
export interface TypedArrays {
  f32: Float32Array;
  f16: Uint16Array;
  bf16: Uint16Array;
  u32: Uint32Array;
  u8: Uint8Array;
}
/** Elements of any type in JavaScript. */
export type TypedArray = TypedArrays[ElementType];

/** Bytes of one element. */
export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2, bf16: 2, u32: 4, u8: 1 };

/** The constructors of the arrays that hold elements of each type. */
export const TYPED_ARRAYS: { readonly [T in ElementType]: new (length: number) => TypedArrays[T] } = {
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  u32: Uint32Array,
  u8: Uint8Array,
};

/** A buffer that a program needs. */
export interface BufferDeclaration {
  readonly name: string;
  readonly type: ElementType;
  /** Number of elements. */
  readonly length: number;
}

/** A dense row-major `rows x columns` matrix that starts `offset` elements into a buffer. */
export interface View {
  readonly buffer: string;
  readonly type: ElementType;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  /**
   * Name of a u32 buffer of one element, c. The view then starts at `offset + c * rows * columns`: it is entry c of a table, or the
   * last entry where c is past the end. Only operands whose op allows it (`OpDefinition.movable`) may have a cursor.
   */
  readonly cursor?: string;
}

/** Parameters start at multiples of this many elements (256 bytes), so every device can bind them directly. */
export const ALIGNMENT = 64;

/** Rounds an element count up to the next aligned start. */
export function align(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Number of elements of a view. */
export function elements(view: View): number {
  return view.rows * view.columns;
}

/** The name of a view in error messages: `parameters[784, 1000]`. */
export function describe(view: View): string {
  return `${view.buffer}[${view.rows}, ${view.columns}]`;
}

/**
 * A part of `view`: the `rows x columns` matrix that starts `offset` elements into it.
 * @example
 * ```ts
 * import { ProgramBuilder, slice } from "dawnpour/kernels";
 *
 * const vector = new ProgramBuilder("layers").buffer("parameters", "f32", [100]);
 * const { offset, rows, columns } = slice(vector, 64, 4, 8);
 * console.log(offset, rows, columns); // 64 4 8
 * ```
 */
export function slice(view: View, offset: number, rows: number, columns: number): View {
  return { ...view, offset: view.offset + offset, rows, columns };
}
