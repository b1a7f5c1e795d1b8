/**
 * The elements that a view names, addressed by row and column. Reference functions see memory through this and
 * nothing else, so that their loops read like the definitions they repeat.
 */
import type { ElementType } from "../../program/buffer.js";
import { roundTo } from "../../program/narrow-float.js";
import type { Elements } from "../../program/op.js";

/**
 * How the reference holds each element type: f32 as float64, so that only the inputs of a program are rounded; narrower
 * floats too, but rounded as they are read, so that ops see what the type keeps while the last of them can be compared unrounded.
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
