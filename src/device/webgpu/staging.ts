/**
 * Reads device memory without holding up the queue. The queue copies the bytes to a mappable buffer after the work that is already
 * enqueued, and that buffer is mapped when the copy is done. Mappable buffers are kept for later reads of about their size.
 */
import type { GpuContext } from "./context.js";
import { BUFFER_USAGE, MAP_READ } from "./flags.js";
import { roundUp } from "./operands.js";

/** Bytes of a word: WebGPU copies whole words only. */
const WORD = 4;
const LEAST_BYTES = 256;
/** Most buffers of one size that are kept; further ones are freed. */
const MOST_KEPT = 4;

export class Staging {
  readonly #context: GpuContext;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(context: GpuContext) {
    this.#context = context;
  }

  /** Fills `target` with the bytes of `source` from `offset` on. */
  async read(source: GPUBuffer, offset: number, target: Uint8Array): Promise<void> {
    const { device } = this.#context;
    const skipped = offset % WORD;
    const size = roundUp(skipped + target.length, WORD);
    const buffer = this.#take(size);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset - skipped, buffer, 0, size);
    device.queue.submit([encoder.finish()]);
    await this.#context.wait(buffer.mapAsync(MAP_READ, 0, size));
    target.set(new Uint8Array(buffer.getMappedRange(0, size), skipped, target.length));
    buffer.unmap();
    this.#giveBack(buffer);
  }

  #take(size: number): GPUBuffer {
    const { device } = this.#context;
    const capacity = Math.min(Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(size))), device.limits.maxBufferSize);
    const usage = BUFFER_USAGE.mapRead | BUFFER_USAGE.copyDst;
    return this.#free.get(capacity)?.pop() ?? device.createBuffer({ size: capacity, usage });
  }

  #giveBack(buffer: GPUBuffer): void {
    const kept = this.#free.get(buffer.size) ?? [];
    this.#free.set(buffer.size, kept);
    if (kept.length < MOST_KEPT) kept.push(buffer);
    else buffer.destroy();
  }
}
