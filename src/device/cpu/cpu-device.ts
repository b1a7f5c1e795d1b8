/**
 * The CPU device runs every op in native code, on threads of its own. Writes, runs and reads go through one ordered queue. The
 * event loop never waits for the queue. A process stays alive for the device only while something of the queue is outstanding.
 */
import { BYTES_PER_ELEMENT, type ElementType } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import { checkedBindings, checkProgram } from "../common/checks.js";
import { CommonDevice } from "../common/device.js";
import type { Life } from "../common/life.js";
import type { Bindings, DeviceInfo } from "../device.js";
import { CpuBuffer } from "./cpu-buffer.js";
import { CpuExecutable } from "./cpu-executable.js";
import { type CpuDeviceOptions, type CpuSetup, describeCpu, resolveOptions } from "./cpu-options.js";
import { Engine } from "./engine.js";

/**
 * Opens a device with threads of its own. Several may be open at a time.
 * @throws UsageError for options that cannot be met, NoDeviceError where the native core cannot be loaded
 */
export function openCpuDevice(options: CpuDeviceOptions = {}): CpuDevice {
  return new CpuDevice(resolveOptions(options));
}

/** The `info` of the device that `openCpuDevice` would open. Throws as `openCpuDevice` does. */
export function cpuDeviceInfo(options: CpuDeviceOptions = {}): DeviceInfo {
  return describeCpu(resolveOptions(options));
}

export class CpuDevice extends CommonDevice {
  readonly info: DeviceInfo;
  protected readonly life: Life;
  /** For other work of the native core that must keep the order of the device. */
  readonly engine: Engine;

  constructor(setup: CpuSetup) {
    super();
    this.info = describeCpu(setup);
    this.engine = new Engine(setup, this.info);
    this.life = this.engine.life;
  }

  createBuffer<T extends ElementType>(type: T, length: number, label: string): CpuBuffer<T> {
    this.life.check();
    return new CpuBuffer(this.engine, type, length, label);
  }

  adopt(memory: Float32Array, label: string): CpuBuffer<"f32"> {
    this.life.check();
    return new CpuBuffer(this.engine, "f32", memory.length, label, memory);
  }

  async compile(program: Program, bindings: Bindings = {}): Promise<CpuExecutable> {
    this.life.check();
    checkProgram(program);
    const bound = checkedBindings(program, bindings, (buffer) => this.#owns(buffer));
    const missing = program.buffers.filter(({ name }) => !bound.has(name));
    const bytes = missing.reduce((sum, { type, length }) => sum + length * BYTES_PER_ELEMENT[type], 0);
    this.engine.checkMemory(`program "${program.name}"`, bytes);

    const buffers = new Map(bound);
    const owned: CpuBuffer[] = [];
    try {
      for (const { name, type, length } of missing) {
        const buffer = this.createBuffer(type, length, `${program.name}.${name}`);
        buffers.set(name, buffer);
        owned.push(buffer);
      }
      return new CpuExecutable(this.engine, program, { buffers, owned });
    } catch (error) {
      for (const buffer of owned) buffer.destroy();
      throw error;
    }
  }

  async idle(): Promise<void> {
    const { core, handle } = this.engine;
    await this.engine.finish(this.engine.within(() => core.idle(handle)));
  }

  destroy(): void {
    this.engine.close();
  }

  #owns(buffer: unknown): buffer is CpuBuffer {
    return buffer instanceof CpuBuffer && buffer.belongsTo(this.life);
  }
}
