/**
 * Room for the results between the stages of one op. Ops run one after the other, so all of them share one buffer; it is
 * as large as the op that needs most.
 */
import { align, type View } from "../../program/buffer.js";

/** The name under which kernels refer to it: one that no program will give to a buffer of its own. */
export const SCRATCH = "\0scratch";

export class Scratch {
  #used = 0;
  #peak = 0;

  /** Number of elements that the neediest op takes. */
  get length(): number {
    return this.#peak;
  }

  /** Starts the next op: it may use all of the room. */
  reset(): void {
    this.#used = 0;
  }

  take(rows: number, columns: number): View {
    const offset = this.#used;
    this.#used += align(rows * columns);
    this.#peak = Math.max(this.#peak, this.#used);
    return { buffer: SCRATCH, type: "f32", offset, rows, columns };
  }
}
