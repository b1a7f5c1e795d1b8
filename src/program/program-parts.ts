/** What a builder of programs keeps: its buffers and its ops, each op checked as it is added. */
import type { BufferDeclaration, ElementType, View } from "./buffer.js";
import { checkOp, ProgramError } from "./check.js";
import type { Op } from "./op.js";

/** Buffers, and ops over views of them in the order in which they run. */
export interface Program {
  readonly name: string;
  readonly buffers: readonly BufferDeclaration[];
  readonly ops: readonly Op[];
}

/** Buffers and ops as they are added. */
export abstract class ProgramParts {
  readonly #name: string;
  readonly #buffers = new Map<string, BufferDeclaration>();
  readonly #ops: Op[] = [];

  /** An empty program. The name stands in errors. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Declares a buffer and returns the view of all of it. `shape` is `[columns]` (one row) or `[rows, columns]`. */
  buffer(name: string, type: ElementType, shape: readonly [number] | readonly [number, number]): View {
    const [rows, columns] = this.#matrix(name, shape);
    if (this.#buffers.has(name)) {
      throw new ProgramError(`${this.#name}: buffer "${name}" is declared twice; give each buffer a name of its own`);
    }
    for (const size of [rows, columns]) {
      if (!Number.isSafeInteger(size) || size < 1) {
        throw new ProgramError(`${this.#name}: buffer "${name}": sizes must be whole numbers from 1, got [${shape}]`);
      }
    }
    this.#buffers.set(name, { name, type, length: rows * columns });
    return { buffer: name, type, offset: 0, rows, columns };
  }

  /**
   * Declares a table of `entries` matrices and returns the view of the one that `cursor` (a u32 `[1, 1]` buffer) points
   * at. Reading or writing the buffer from outside moves the whole table.
   */
  table(
    name: string,
    type: ElementType,
    entries: number,
    shape: readonly [number] | readonly [number, number],
    cursor: View,
  ): View {
    const [rows, columns] = this.#matrix(name, shape);
    this.buffer(name, type, [entries, rows * columns]);
    return { buffer: name, type, offset: 0, rows, columns, cursor: cursor.buffer };
  }

  /** The ops so far. */
  get ops(): readonly Op[] {
    return this.#ops;
  }

  /** What it is called. */
  get name(): string {
    return this.#name;
  }

  /** Gives an op that was added before more operands, or other ones; it is checked again. */
  amend(index: number, changes: Readonly<Record<string, unknown>>): this {
    const op = { ...this.#ops[index], ...changes } as Op;
    checkOp(`${this.#name}, op ${index}`, op, this.#buffers);
    this.#ops[index] = op;
    return this;
  }

  /** `name`, or with a number after it where a buffer has that name. */
  unusedName(name: string): string {
    if (!this.#buffers.has(name)) return name;
    for (let i = 2; ; i++) if (!this.#buffers.has(`${name}.${i}`)) return `${name}.${i}`;
  }

  /** The program so far. @throws ProgramError when it has no op */
  build(): Program {
    if (this.#ops.length === 0) {
      throw new ProgramError(`${this.#name}: a program needs at least one op`);
    }
    return { name: this.#name, buffers: [...this.#buffers.values()], ops: [...this.#ops] };
  }

  #matrix(name: string, shape: readonly number[]): readonly [rows: number, columns: number] {
    if (!Array.isArray(shape) || shape.length < 1 || shape.length > 2) {
      const got = Array.isArray(shape) ? `[${shape}]` : String(shape);
      throw new ProgramError(
        `${this.#name}: buffer "${name}": a shape is [columns] or [rows, columns], got ${got.slice(0, 60)}: fold further sizes into the rows`,
      );
    }
    return shape.length === 1 ? [1, shape[0]] : [shape[0], shape[1]];
  }

  /** Adds an op, which is checked. */
  protected append(op: Op): this {
    checkOp(`${this.#name}, op ${this.#ops.length}`, op, this.#buffers);
    this.#ops.push(op);
    return this;
  }
}
