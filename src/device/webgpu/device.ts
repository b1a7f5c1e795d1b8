/**
 * The WebGPU device. The caller gives it the GPU object and the texts of the shaders, so it runs wherever WebGPU does: under Dawn
 * in Node, or in a browser.
 */
import type { BufferDeclaration, ElementType } from "../../program/buffer.js";
import { grouped, mapWork } from "../../program/fuse-maps.js";
import type { Program } from "../../program/program.js";
import { checkDeclaration, checkedBindings, checkProgram } from "../common/checks.js";
import { CommonDevice } from "../common/device.js";
import { checkKernels } from "../common/kernels.js";
import { type Life, oneLine } from "../common/life.js";
import {
  type Bindings,
  type Device,
  type DeviceInfo,
  DeviceLimitError,
  type Executable,
  NoDeviceError,
} from "../device.js";
import { adapterInfo, deviceDescriptor, targetOf } from "./adapter.js";
import { type BufferServices, checkBuffer, checkType, WebGpuBuffer } from "./buffer.js";
import { GpuContext } from "./context.js";
import { type Dispatch, WebGpuExecutable } from "./executable.js";
import { type GemmPlanner, planGemm } from "./gemm-tile.js";
import type { Kernel, Target } from "./kernel.js";
import type { ShaderSources } from "./link.js";
import { lower } from "./lowering/lower.js";
import { lowerMaps } from "./lowering/lower-map.js";
import { type BoundOperands, bindOperands, type Memory } from "./operands.js";
import { Pipelines } from "./pipelines.js";
import { SCRATCH, Scratch } from "./scratch.js";
import { Staging } from "./staging.js";
import { WordMerger } from "./word-merger.js";

export interface WebGpuOptions {
  /** The name of the adapter, where the caller knows it. Default: the description that WebGPU gives. */
  readonly name?: string;
  /** Makes the calls during which drivers may print. Default: calls `work`. */
  readonly quietly?: <T>(work: () => T) => T;
  /** Chooses the kernel of each gemm. Default: a choice that is good on every GPU, and the best on none. */
  readonly planGemm?: GemmPlanner;
}

/**
 * Opens the fastest adapter that `gpu` offers.
 * @throws NoDeviceError when there is none, or its driver gives no device
 */
export async function openWebGpuDevice(gpu: GPU, shaders: ShaderSources, options: WebGpuOptions = {}): Promise<Device> {
  const quietly = options.quietly ?? ((work) => work());
  const adapter = await quietly(() => gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) throw new NoDeviceError("WebGPU offers no adapter; use the CPU device");
  const device = await quietly(() => requestDevice(adapter));
  const lowering = { target: targetOf(adapter, device), plan: options.planGemm ?? planGemm };
  return new WebGpuDevice(device, shaders, adapterInfo(adapter, options.name), lowering);
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice(deviceDescriptor(adapter));
  } catch (error) {
    const words = oneLine(error instanceof Error ? error.message : String(error));
    throw new NoDeviceError(
      `the driver of ${adapterInfo(adapter).name} gives no device: ${words}; or use the CPU device`,
      { cause: error },
    );
  }
}

/** The inputs of lowering, besides the program. */
interface Lowering {
  readonly target: Target;
  readonly plan: GemmPlanner;
}

/** A dispatch that is planned: a kernel, the ranges that it binds and its grid of workgroups. */
interface PlannedDispatch {
  readonly where: string;
  readonly kernel: Kernel;
  readonly bound: BoundOperands;
  readonly grid: readonly [number, number];
}

class WebGpuDevice extends CommonDevice {
  readonly info: DeviceInfo;
  protected readonly life: Life;
  readonly #context: GpuContext;
  readonly #lowering: Lowering;
  readonly #services: BufferServices;
  readonly #pipelines: Pipelines;

  constructor(device: GPUDevice, shaders: ShaderSources, info: DeviceInfo, lowering: Lowering) {
    super();
    const context = new GpuContext(device, info.name);
    this.info = info;
    this.life = context.life;
    this.#context = context;
    this.#lowering = lowering;
    this.#services = { context, staging: new Staging(context), merger: new WordMerger(context, shaders) };
    this.#pipelines = new Pipelines(context, shaders);
  }

  createBuffer<T extends ElementType>(type: T, length: number, label: string): WebGpuBuffer<T> {
    this.#context.checkAlive();
    checkDeclaration({ type, length, label });
    checkBuffer(label, type, length, this.#context);
    return new WebGpuBuffer(type, length, label, this.#services);
  }

  async compile(program: Program, bindings: Bindings = {}): Promise<Executable> {
    this.#context.checkAlive();
    checkProgram(program);
    checkKernels(this.info, program);
    for (const { name, type } of program.buffers) checkType(`${program.name}.${name}`, type, this.#context);
    const bound = checkedBindings(program, bindings, (buffer) => this.#owns(buffer));
    for (const buffer of bound.values()) buffer.checkUsable();
    const scratch = new Scratch();
    const planned = planDispatches(program, bound, scratch, this.#lowering);
    const missing = program.buffers.filter((buffer) => !bound.has(buffer.name));
    const owned = await this.#allocate(program, missing, scratch);
    try {
      const buffers = new Map([...bound, ...owned]);
      const dispatches = await this.#makeDispatches(program, planned, buffers);
      buffers.delete(SCRATCH);
      return new WebGpuExecutable(program, this.#context, { buffers, owned: [...owned.values()] }, dispatches);
    } catch (error) {
      for (const buffer of owned.values()) buffer.destroy();
      throw error;
    }
  }

  async idle(): Promise<void> {
    this.#context.checkAlive();
    await this.#context.wait(this.#context.device.queue.onSubmittedWorkDone());
  }

  destroy(): void {
    this.#context.destroy();
  }

  #owns(buffer: unknown): buffer is WebGpuBuffer {
    return buffer instanceof WebGpuBuffer && buffer.belongsTo(this.life);
  }

  async #allocate(
    program: Program,
    missing: readonly BufferDeclaration[],
    scratch: Scratch,
  ): Promise<Map<string, WebGpuBuffer>> {
    const declarations = [...missing];
    if (scratch.length > 0) declarations.push({ name: SCRATCH, type: "f32", length: scratch.length });
    for (const { name, type, length } of declarations) {
      checkBuffer(`${program.name}.${name}`, type, length, this.#context);
    }
    return this.#context.scoped(
      program.name,
      () =>
        new Map(
          declarations.map(({ name, type, length }) => [
            name,
            new WebGpuBuffer(type, length, `${program.name}.${name}`, this.#services),
          ]),
        ),
    );
  }

  async #makeDispatches(
    program: Program,
    planned: readonly PlannedDispatch[],
    buffers: ReadonlyMap<string, WebGpuBuffer>,
  ): Promise<Dispatch[]> {
    const pipelines = await Promise.all(
      planned.map(({ where, kernel, bound, grid }) => this.#pipelines.get(where, kernel, bound, grid[0])),
    );
    return this.#context.scoped(program.name, () =>
      planned.map(({ bound, grid }, i) => ({
        pipeline: pipelines[i],
        group: this.#bindGroup(pipelines[i], bound, buffers),
        grid,
      })),
    );
  }

  #bindGroup(
    pipeline: GPUComputePipeline,
    { bindings }: BoundOperands,
    buffers: ReadonlyMap<string, WebGpuBuffer>,
  ): GPUBindGroup {
    return this.#context.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: bindings.map(({ buffer, offset, size }, binding) => {
        const memory = buffers.get(buffer);
        if (!memory) throw new Error(`Invariant violation: buffer "${buffer}" has no memory`);
        return { binding, resource: { buffer: memory.gpu, offset, size } };
      }),
    });
  }
}

/** @throws DeviceLimitError when an op does not fit the target */
function planDispatches(
  program: Program,
  bound: ReadonlyMap<string, WebGpuBuffer>,
  scratch: Scratch,
  { target, plan }: Lowering,
): PlannedDispatch[] {
  const lengths = new Map(program.buffers.map((buffer) => [buffer.name, buffer.length]));
  const memory: Memory = {
    identity: (name) => bound.get(name) ?? name,
    length: (name) => lengths.get(name) ?? scratch.length,
  };
  return grouped(program.ops).flatMap(({ first, ops }) => {
    const where = `${program.name}, op ${first}, ${ops[0].kind}`;
    const kernels =
      ops.length === 1
        ? lower(ops[0], target, scratch, plan)
        : lowerMaps(mapWork(ops.filter((op) => op.kind === "map")), target);
    return kernels.map((kernel) => ({
      where,
      kernel,
      bound: bindOperands(where, kernel.operands, memory, target.limits),
      grid: gridOf(where, kernel.workgroups, target),
    }));
  });
}

/** The grid of a number of workgroups. It has two dimensions, because one dimension holds at most 65535. */
function gridOf(where: string, workgroups: number, { limits }: Target): readonly [number, number] {
  const most = limits.maxComputeWorkgroupsPerDimension;
  const rows = Math.ceil(workgroups / most);
  if (rows > most) {
    throw new DeviceLimitError(
      `${where}: needs ${workgroups} workgroups, but maxComputeWorkgroupsPerDimension of this device is ${most}, in two dimensions`,
    );
  }
  return [Math.ceil(workgroups / rows), rows];
}
