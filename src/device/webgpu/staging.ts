/**
 * Reads device memory back without holding up the queue: the bytes are copied to a mappable buffer behind whatever is enqueued,
 * and that buffer is mapped when the copy is done. Mappable buffers are kept for the next read of about their size.
 */
import type { GpuContext } from "./context.js";
import { BUFFER_USAGE, MAP_READ } from "./flags.js";
import { roundUp } from "./operands.js";

/** WebGPU moves whole words. */
const WORD = 4;
const LEAST_BYTES = 256;
/** Buffers of one size beyond these are freed. */
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
