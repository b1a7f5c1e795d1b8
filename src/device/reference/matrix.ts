/**
 * The elements of a view, addressed by row and column. Reference functions see memory through this class alone, so their loops
 * read like the definitions of the ops.
 */
import type { ElementType } from "../../program/buffer.js";
import { roundTo } from "../../program/narrow-float.js";
import type { Elements } from "../../program/op.js";

/**
 * How the reference device holds each element type. f32 is held as float64, so only the inputs of a program are rounded. Narrower
 * floats are held as float64 too, but rounded when an op reads them: ops see what the type keeps, and a test can compare the
 * last result before it is rounded.
 */
export interface Held {
  f32: Float64Array;
  f16: Float64Array;
  bf16: Float64Array;
  u32: Uint32Array;
  u8: Uint8Array;
}

export class Matrix implements Elements {
  readonly rows: number;
  readonly columns: number;
  readonly #data: Held[ElementType];
  readonly #start: number;
  readonly #type: ElementType;

  constructor(type: ElementType, data: Held[ElementType], start: number, rows: number, columns: number) {
    this.#type = type;
    this.#data = data;
    this.#start = start;
    this.rows = rows;
    this.columns = columns;
  }

  get(row: number, column: number): number {
    return roundTo(this.#type, this.#data[this.#start + row * this.columns + column]);
  }

  set(row: number, column: number, value: number): void {
    this.#data[this.#start + row * this.columns + column] = value;
  }

  /** Calls `visit` for every element, row by row. */
  each(visit: (row: number, column: number) => void): void {
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        visit(row, column);
      }
    }
  }
}
