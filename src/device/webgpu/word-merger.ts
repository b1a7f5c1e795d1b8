/**
 * Writes bytes that share a 32-bit word with bytes that stay. It takes a tiny dispatch, because the queue copies whole words only.
 * Such writes are rare (a u8 buffer written in odd pieces), so the pipeline is made at the first one, and speed does not matter.
 */
import type { GpuContext } from "./context.js";
import { BUFFER_USAGE } from "./flags.js";
import type { ShaderSources } from "./link.js";

const WORD = 4;
/** Bytes that are bound around the word: a binding cannot start at just any word. */
const WINDOW = 256;

export class WordMerger {
  readonly #context: GpuContext;
  readonly #source: string;
  #pipeline: GPUComputePipeline | undefined;

  constructor(context: GpuContext, shaders: ShaderSources) {
    this.#context = context;
    this.#source = shaders["merge_word.wgsl"];
  }

  /** Changes the word at byte `word` (a multiple of 4) of `buffer`: keeps the bits that `keep` has, and sets those of `bits`. */
  merge(buffer: GPUBuffer, word: number, keep: Uint8Array<ArrayBuffer>, bits: Uint8Array<ArrayBuffer>): void {
    const { device } = this.#context;
    this.#pipeline ??= device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code: this.#source }) },
    });
    const window = Math.floor(word / WINDOW) * WINDOW;
    const change = device.createBuffer({ size: 3 * WORD, usage: BUFFER_USAGE.storage | BUFFER_USAGE.copyDst });
    device.queue.writeBuffer(change, 0, new Uint32Array([(word - window) / WORD]));
    device.queue.writeBuffer(change, WORD, keep);
    device.queue.writeBuffer(change, 2 * WORD, bits);
    const group = device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer, offset: window, size: Math.min(WINDOW, buffer.size - window) } },
        { binding: 1, resource: { buffer: change } },
      ],
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
    change.destroy();
  }
}
