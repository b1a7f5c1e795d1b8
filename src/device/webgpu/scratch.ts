/**
 * Room for the results between the stages of one op. Ops run one after the other, so all of them share one buffer; it is
 * as large as the op that needs most.
 */
import { align, type View } from "../../program/buffer.js";

/** The name by which kernels refer to this buffer. No program gives its own buffers such a name. */
export const SCRATCH = "\0scratch";

export class Scratch {
  #used = 0;
  #peak = 0;

  /** Number of elements that the op with the largest need takes. */
  get length(): number {
    return this.#peak;
  }

  /** Starts the next op, which may use the whole buffer. */
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
