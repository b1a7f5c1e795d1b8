/**
 * The elements that a view names, addressed by row and column. The reference interpreter sees memory through this and
 * nothing else, so that its loops read like the definitions they repeat.
 */
import type { ElementType } from "../../program/buffer.js";
import { roundToFloat16 } from "../../program/float16.js";

/**
 * How the reference holds each element type: f32 as float64, so that only the inputs of a program are rounded; f16 too,
 * but rounded as it is read, so that ops see what f16 keeps while the last of them can be compared unrounded.
 */
export interface Held {
  f32: Float64Array;
  f16: Float64Array;
  u32: Uint32Array;
  u8: Uint8Array;
}

export class Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly #data: Held[ElementType];
  readonly #start: number;
  readonly #half: boolean;

  constructor(type: ElementType, data: Held[ElementType], start: number, rows: number, columns: number) {
    this.#half = type === "f16";
    this.#data = data;
    this.#start = start;
    this.rows = rows;
    this.columns = columns;
  }

  get(row: number, column: number): number {
    const value = this.#data[this.#start + row * this.columns + column];
    return this.#half ? roundToFloat16(value) : value;
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
