/** The sum of clipped gradients of any number of rows, by a program for a fixed number of rows. */
import type { Bindings, Device, Executable } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import { clippedGradient } from "../model/clipped-gradient.js";
import type { Program } from "../program/program.js";
import { HostProgram } from "../tensors/host-program.js";
import { vectorOps } from "./vector-ops.js";

/** How rows are clipped, and the rows of a program. */
export interface RowClipping {
  /** The longest gradient of a row. */
  readonly clip: number;
  readonly capacity: number;
}

/** The program of a gradient of `capacity` rows, with the scale of a batch of one, and what it is bound to. */
type MakeGradient = (capacity: number) => { readonly program: Program; readonly bindings: Bindings };

export class ClippedRows {
  readonly #device: Device;
  readonly #make: MakeGradient;
  #compiled: HostProgram | undefined;

  constructor(device: Device, make: MakeGradient) {
    this.#device = device;
    this.#make = make;
  }

  /**
   * Writes the sum to `out`. Resolves with the sum of the losses.
   * @param stage writes the rows of a run to the program, the first of which is row `start` of `rows`
   */
  async sum(
    rows: Uint32Array,
    { clip, capacity }: RowClipping,
    out: Float32Array,
    stage: (program: Executable, rows: Uint32Array, start: number) => void,
  ): Promise<number> {
    this.#compiled ??= await this.#compile(clip, capacity);
    const { base } = this.#compiled;
    out.fill(0);
    const gradients = new Float32Array(f32Buffer(base, "gradients").length);
    let loss = 0;
    for (let start = 0; start < rows.length; start += capacity) {
      const some = rows.subarray(start, start + capacity);
      // Rows fill up the program that do not count: some of the others again, so that the mean of the losses is theirs nearly.
      stage(
        base,
        Uint32Array.from({ length: capacity }, (_, i) => some[i % some.length]),
        start,
      );
      f32Buffer(base, "counts").write(Float32Array.from({ length: capacity }, (_, i) => (i < some.length ? 1 : 0)));
      const [total] = await this.#compiled.copyInto(gradients, "total");
      loss += (total * some.length) / capacity;
      vectorOps.axpy(1, gradients.subarray(0, out.length), out);
    }
    return loss;
  }

  destroy(): void {
    this.#compiled?.destroy();
  }

  async #compile(clip: number, capacity: number): Promise<HostProgram> {
    const { program, bindings } = this.#make(capacity);
    return HostProgram.compile(this.#device, clippedGradient(program, capacity, clip), "gradients", bindings);
  }
}
