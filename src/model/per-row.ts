/** Which values of a program belong to one row of the batch each: row i of them depends on row i of the batch alone. */
import type { View } from "../program/buffer.js";
import type { Op } from "../program/op.js";
import { ops } from "../program/op.js";
import type { Program } from "../program/program.js";

/** `free`: on no row. `row`: row i on row i. `mixed`: anything else. */
type Dependence = "free" | "row" | "mixed";

/** Ops that compute row i of what they write from row i of what they read, where all of it has as many rows as the batch. */
const ROW_BY_ROW = [
  "activate",
  "activationGradient",
  "map",
  "copy",
  "scale",
  "add",
  "take",
  "oneHot",
  "sliceColumns",
  "concat",
];

/** Follows a program from its batch. */
export class PerRow {
  readonly #rows: number;
  readonly #buffers = new Map<string, Dependence>();

  /** @param rows of the batch */
  constructor({ ops: all }: Program, rows: number) {
    this.#rows = rows;
    for (const op of all) this.#follow(op);
  }

  has(view: View): boolean {
    return this.#of(view) === "row";
  }

  #follow(op: Op): void {
    const { reads, writes } = ops.get(op.kind).operands(op);
    for (const view of writes) {
      const found = this.#dependence(op, reads, view);
      const before = this.#buffers.get(view.buffer);
      this.#buffers.set(view.buffer, before === undefined || before === found ? found : "mixed");
    }
  }

  #dependence(op: Op, reads: readonly View[], out: View): Dependence {
    const isOfRows = out.rows === this.#rows;
    if (op.kind === "gather") return isOfRows ? "row" : "mixed";
    const found = reads.map((view) => this.#of(view));
    if (found.every((one) => one === "free")) return "free";
    if (found.includes("mixed") || !isOfRows) return "mixed";
    if (op.kind === "gemm") return !op.transposeA && this.#of(op.b) === "free" ? "row" : "mixed";
    if (op.kind === "reduce") return op.over === "columns" ? "row" : "mixed";
    // It writes a gradient for each row, and the total.
    if (op.kind === "loss") return "row";
    return ROW_BY_ROW.includes(op.kind) ? "row" : "mixed";
  }

  #of({ buffer, offset, rows }: View): Dependence {
    const found = this.#buffers.get(buffer) ?? "free";
    return found === "row" && (rows !== this.#rows || offset !== 0) ? "mixed" : found;
  }
}
