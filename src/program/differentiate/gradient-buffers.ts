/** Buffers for gradients. A buffer whose gradient is no longer needed is used again, unless the caller forbids reuse. */
import { type ElementType, elements, type View } from "../buffer.js";
import type { ProgramBuilder } from "../program.js";

interface Buffer {
  readonly view: View;
  /** Number of gradients that share it. */
  uses: number;
}

export class GradientBuffers {
  readonly #builder: ProgramBuilder;
  readonly #reuse: boolean;
  readonly #buffers = new Map<string, Buffer>();

  constructor(builder: ProgramBuilder, reuse: boolean) {
    this.#builder = builder;
    this.#reuse = reuse;
  }

  /** A buffer of the shape of `like`, with one use. It still has the contents of an earlier use. */
  take(name: string, type: ElementType, like: View): View {
    const free = this.#reuse ? this.#smallestFree(type, elements(like)) : undefined;
    if (!free) return this.fresh(name, type, like);
    free.uses = 1;
    return { ...free.view, rows: like.rows, columns: like.columns };
  }

  /** The same, but never used before: it may be written before the backward pass begins. */
  fresh(name: string, type: ElementType, { rows, columns }: View): View {
    const view = this.#builder.buffer(this.#builder.unusedName(name), type, [rows, columns]);
    this.#buffers.set(view.buffer, { view, uses: 1 });
    return view;
  }

  /** Whether a view is in one of these buffers, and is its only use. It may then be overwritten. */
  isOnly(view: View): boolean {
    return this.#buffers.get(view.buffer)?.uses === 1;
  }

  share({ buffer }: View): void {
    const shared = this.#buffers.get(buffer);
    if (shared) shared.uses++;
  }

  release({ buffer }: View): void {
    const released = this.#buffers.get(buffer);
    if (released) released.uses--;
  }

  #smallestFree(type: ElementType, length: number): Buffer | undefined {
    const fitting = [...this.#buffers.values()].filter(
      ({ view, uses }) => uses === 0 && view.type === type && elements(view) >= length,
    );
    return fitting.sort((a, b) => elements(a.view) - elements(b.view))[0];
  }
}
