/**
 * Links and compiles kernels, each specialisation once on a device. A device rarely needs more than a few dozen, so all are kept.
 */
import { DawnpourError } from "../../error.js";
import { oneLine } from "../common/life.js";
import type { GpuContext } from "./context.js";
import { SHADER_STAGE_COMPUTE } from "./flags.js";
import type { Kernel } from "./kernel.js";
import { linkKernel, type ShaderSources } from "./link.js";
import type { Binding, BoundOperands } from "./operands.js";

export class Pipelines {
  readonly #context: GpuContext;
  readonly #shaders: ShaderSources;
  readonly #made = new Map<string, Promise<GPUComputePipeline>>();

  constructor(context: GpuContext, shaders: ShaderSources) {
    this.#context = context;
    this.#shaders = shaders;
  }

  /** `where` names the op in errors; `gridColumns` is the number of workgroups in a row of the dispatch. */
  get(where: string, kernel: Kernel, bound: BoundOperands, gridColumns: number): Promise<GPUComputePipeline> {
    const { shader, modules, constants, conditions } = kernel;
    const key = JSON.stringify([shader, modules, constants, conditions, bound.wgsl, gridColumns]);
    const known = this.#made.get(key);
    if (known) return known;
    const made = this.#make(where, kernel, bound, gridColumns);
    this.#made.set(key, made);
    // A failure is not kept: this caller gets the error, and the next call compiles again.
    made.catch(() => this.#made.delete(key));
    return made;
  }

  async #make(where: string, kernel: Kernel, bound: BoundOperands, gridColumns: number): Promise<GPUComputePipeline> {
    const { device, name } = this.#context;
    const label = `${where} (${kernel.shader})`;
    const code = await linkKernel(this.#shaders, kernel, bound.wgsl, gridColumns);
    const { module, layout } = await this.#context.scoped(label, () => ({
      module: device.createShaderModule({ label, code }),
      layout: device.createPipelineLayout({
        bindGroupLayouts: [device.createBindGroupLayout({ entries: bound.bindings.map(layoutEntry) })],
      }),
    }));
    try {
      return await device.createComputePipelineAsync({ label, layout, compute: { module } });
    } catch (error) {
      this.#context.checkAlive();
      const words = oneLine(error instanceof Error ? error.message : String(error));
      throw new DawnpourError(`${label}: rejected by device ${name}: ${words}`, { cause: error });
    }
  }
}

function layoutEntry(binding: Binding, index: number): GPUBindGroupLayoutEntry {
  const type = binding.writable ? "storage" : "read-only-storage";
  return { binding: index, visibility: SHADER_STAGE_COMPUTE, buffer: { type } };
}
