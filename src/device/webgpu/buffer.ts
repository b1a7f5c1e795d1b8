/**
 * Typed buffers in GPU memory. WebGPU copies whole words only. Bytes that share a word with other bytes are merged on the device,
 * so u8 and f16 buffers can be written and read at any offset.
 */
import { BYTES_PER_ELEMENT, type ElementType, type TypedArrays } from "../../program/buffer.js";
import { CommonBuffer } from "../common/buffer.js";
import { DeviceLimitError } from "../device.js";
import type { GpuContext } from "./context.js";
import { BUFFER_USAGE } from "./flags.js";
import { GRANULE, roundUp } from "./operands.js";
import type { Staging } from "./staging.js";
import type { WordMerger } from "./word-merger.js";

/** The services that all buffers of a device share. */
export interface BufferServices {
  readonly context: GpuContext;
  readonly staging: Staging;
  readonly merger: WordMerger;
}

const WORD = 4;

/** Bytes to allocate for `length` elements. */
function allocationSize(type: ElementType, length: number): number {
  return roundUp(length * BYTES_PER_ELEMENT[type], GRANULE);
}

/** @throws DeviceLimitError when the device has no buffers of that type */
export function checkType(label: string, type: ElementType, context: GpuContext): void {
  if (type === "bf16") {
    throw new DeviceLimitError(
      `buffer "${label}" holds bf16, which WGSL does not have; use f16 or f32 on device ${context.name}, or the CPU device`,
    );
  }
  if (type === "f16" && !context.device.features.has("shader-f16")) {
    throw new DeviceLimitError(
      `buffer "${label}" holds f16, but device ${context.name} lacks the feature shader-f16; use f32, or another device`,
    );
  }
}

/** @throws DeviceLimitError when the device has no buffers of that type, or none of that length */
export function checkBuffer(label: string, type: ElementType, length: number, context: GpuContext): void {
  checkType(label, type, context);
  const bytes = allocationSize(type, length);
  const most = context.device.limits.maxBufferSize;
  if (bytes > most) {
    throw new DeviceLimitError(
      `buffer "${label}" needs ${bytes} bytes, but maxBufferSize of device ${context.name} is ${most}`,
    );
  }
}

export class WebGpuBuffer<T extends ElementType = ElementType> extends CommonBuffer<T> {
  readonly gpu: GPUBuffer;
  readonly #services: BufferServices;

  constructor(type: T, length: number, label: string, services: BufferServices) {
    super(services.context.life, type, length, label);
    this.#services = services;
    this.gpu = services.context.device.createBuffer({
      label,
      size: allocationSize(type, length),
      usage: BUFFER_USAGE.storage | BUFFER_USAGE.copySrc | BUFFER_USAGE.copyDst,
    });
  }

  protected put(data: TypedArrays[T], offset: number): void {
    const { context } = this.#services;
    // Shared memory is copied first: Dawn treats it as no memory at all, and ends the process.
    const own = data.buffer instanceof ArrayBuffer ? data : data.slice();
    const bytes = new Uint8Array(own.buffer, own.byteOffset, own.byteLength);
    const start = offset * data.BYTES_PER_ELEMENT;
    const wholeStart = roundUp(start, WORD);
    const wholeEnd = Math.floor((start + bytes.length) / WORD) * WORD;
    if (wholeStart < wholeEnd) {
      const size = wholeEnd - wholeStart;
      context.device.queue.writeBuffer(this.gpu, wholeStart, bytes, wholeStart - start, size);
    }
    if (start < wholeStart) this.#writePart(wholeStart - WORD, bytes, start);
    if (start + bytes.length > wholeEnd && wholeEnd >= wholeStart) this.#writePart(wholeEnd, bytes, start);
  }

  /** Writes to the word at `word` those bytes of a write of `bytes` to `start` that fill only a part of that word. */
  #writePart(word: number, bytes: Uint8Array, start: number): void {
    const { context, merger } = this.#services;
    const own = new Uint8Array(WORD);
    const keep = new Uint8Array(WORD);
    for (let i = 0; i < WORD; i++) {
      const at = word + i - start;
      const inside = at >= 0 && at < bytes.length;
      own[i] = inside ? bytes[at] : 0;
      // Bytes past the last element are padding, and need not be kept.
      keep[i] = inside || word + i >= this.length * BYTES_PER_ELEMENT[this.type] ? 0 : 0xff;
    }
    if (keep.every((mask) => mask === 0)) context.device.queue.writeBuffer(this.gpu, word, own);
    else merger.merge(this.gpu, word, keep, own);
  }

  protected async fill(out: TypedArrays[T], offset: number): Promise<void> {
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    await this.#services.staging.read(this.gpu, offset * BYTES_PER_ELEMENT[this.type], target);
  }

  protected free(): void {
    this.gpu.destroy();
  }
}
