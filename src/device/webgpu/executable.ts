/**
 * A program made ready: memory, pipelines and bind groups are made once; a run only records the same dispatches again.
 * All repetitions of a run go to the GPU as one submission.
 */
import { DawnpourError } from "../../error.js";
import type { Program } from "../../program/program.js";
import type { DeviceBuffer, Executable } from "../device.js";
import type { WebGpuBuffer } from "./buffer.js";
import type { GpuContext } from "./context.js";

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Workgroups, in x and y. */
  readonly grid: readonly [number, number];
}

/** A longer run is cut here, so that the GPU starts while the rest is recorded. */
const MOST_DISPATCHES = 4096;

export class WebGpuExecutable implements Executable {
  readonly program: Program;
  readonly #context: GpuContext;
  readonly #buffers: ReadonlyMap<string, WebGpuBuffer>;
  readonly #owned: readonly { destroy(): void }[];
  readonly #dispatches: readonly Dispatch[];
  #destroyed = false;

  constructor(
    program: Program,
    context: GpuContext,
    buffers: ReadonlyMap<string, WebGpuBuffer>,
    owned: readonly { destroy(): void }[],
    dispatches: readonly Dispatch[],
  ) {
    this.program = program;
    this.#context = context;
    this.#buffers = buffers;
    this.#owned = owned;
    this.#dispatches = dispatches;
  }

  buffer(name: string): DeviceBuffer {
    const buffer = this.#buffers.get(name);
    if (!buffer) {
      const known = [...this.#buffers.keys()].join(", ");
      throw new DawnpourError(`${this.program.name}: has no buffer "${name}" (it has ${known})`);
    }
    return buffer;
  }

  run(times = 1): void {
    this.#context.checkAlive();
    if (this.#destroyed) {
      throw new DawnpourError(`${this.program.name}: was destroyed; compile it again to run it`);
    }
    for (const buffer of this.#buffers.values()) buffer.checkUsable();
    const perSubmission = Math.max(1, Math.floor(MOST_DISPATCHES / this.#dispatches.length));
    for (let left = times; left > 0; left -= perSubmission) {
      this.#submit(Math.min(left, perSubmission));
    }
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#owned) buffer.destroy();
  }

  #submit(times: number): void {
    const { device } = this.#context;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let time = 0; time < times; time++) {
      for (const { pipeline, group, grid } of this.#dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(grid[0], grid[1]);
      }
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
}
