/**
 * Reads device memory back without holding up the queue: the bytes are copied to a mappable buffer behind whatever is enqueued,
 * and that buffer is mapped when the copy is done. Mappable buffers are kept for the next read of about their size.
 */
import type { GpuContext } from "./context.js";
import { BUFFER_USAGE, MAP_READ } from "./flags.js";

const LEAST_BYTES = 256;
/** Buffers of one size beyond these are freed. */
const MOST_KEPT = 4;

export class Staging {
  readonly #context: GpuContext;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(context: GpuContext) {
    this.#context = context;
  }

  /** A copy of a range of `source`; `offset` and `size` in bytes, multiples of 4. */
  async read(source: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    const { device } = this.#context;
    const buffer = this.#take(size);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, buffer, 0, size);
    device.queue.submit([encoder.finish()]);
    await this.#context.wait(buffer.mapAsync(MAP_READ, 0, size));
    const copy = buffer.getMappedRange(0, size).slice(0);
    buffer.unmap();
    this.#giveBack(buffer);
    return copy;
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
