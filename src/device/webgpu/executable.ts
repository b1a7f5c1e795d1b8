/**
 * A compiled program. Its memory, pipelines and bind groups are made once; a run records the same dispatches again. All
 * repetitions of a run go to the GPU as one submission, if they are not too many.
 */
import type { Program } from "../../program/program.js";
import { CommonExecutable, type ExecutableMemory } from "../common/executable.js";
import type { WebGpuBuffer } from "./buffer.js";
import type { GpuContext } from "./context.js";

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Workgroups, in x and y. */
  readonly grid: readonly [number, number];
}

/** Most dispatches of a submission. A longer run has several, so the GPU starts while the rest is recorded. */
const MOST_DISPATCHES = 4096;

export class WebGpuExecutable extends CommonExecutable<WebGpuBuffer> {
  readonly #context: GpuContext;
  readonly #dispatches: readonly Dispatch[];

  constructor(
    program: Program,
    context: GpuContext,
    memory: ExecutableMemory<WebGpuBuffer>,
    dispatches: readonly Dispatch[],
  ) {
    super(context.life, program, memory);
    this.#context = context;
    this.#dispatches = dispatches;
  }

  protected enqueue(times: number): void {
    const perSubmission = Math.max(1, Math.floor(MOST_DISPATCHES / this.#dispatches.length));
    for (let left = times; left > 0; left -= perSubmission) {
      this.#submit(Math.min(left, perSubmission));
    }
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
