/**
 * A program with one buffer in host memory that changes from run to run. A device that computes in this process's
 * memory uses the buffer in place; for other devices it is copied.
 */
import type { Bindings, Device, DeviceBuffer, Executable } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import type { Program } from "../program/program.js";

export class HostProgram {
  readonly #device: Device;
  readonly #base: Executable;
  readonly #name: string;
  /** Variants of the program, by their memory. */
  readonly #adopted = new Map<Float32Array, { readonly executable: Executable; readonly buffer: DeviceBuffer }>();

  /** @param name of the buffer, f32 */
  static async compile(device: Device, program: Program, name: string, bindings: Bindings): Promise<HostProgram> {
    return new HostProgram(device, await device.compile(program, bindings), name);
  }

  private constructor(device: Device, base: Executable, name: string) {
    this.#device = device;
    this.#base = base;
    this.#name = name;
  }

  /** All buffers but the changing one. */
  get base(): Executable {
    return this.#base;
  }

  /** Runs with `memory` read by the program; the memory must not change until the run is done. */
  async runFrom(memory: Float32Array): Promise<void> {
    if (!this.#device.adopt) f32Buffer(this.#base, this.#name).write(memory);
    (await this.#variant(memory)).run();
  }

  /** As `runFrom`, with a copy of `memory`, which may lie anywhere and change at once. */
  copyFrom(memory: Float32Array): void {
    f32Buffer(this.#base, this.#name).write(memory);
    this.#base.run();
  }

  /** As `runInto`, by a copy to `memory`, which may lie anywhere. */
  async copyInto(memory: Float32Array, result: string): Promise<Float32Array> {
    this.#base.run();
    const [read] = await Promise.all([
      f32Buffer(this.#base, result).read(),
      f32Buffer(this.#base, this.#name).readInto(memory),
    ]);
    return read;
  }

  /** As `runInto`, but resolves when the run is enqueued. Only for devices that compute in this process's memory. */
  async enqueueInto(memory: Float32Array, result: string): Promise<DeviceBuffer<"f32">> {
    (await this.#variant(memory)).run();
    return f32Buffer(this.#base, result);
  }

  /** Runs with `memory` written by the program; resolves with the value of the buffer `result` when both are there. */
  async runInto(memory: Float32Array, result: string): Promise<Float32Array> {
    (await this.#variant(memory)).run();
    const copied = this.#device.adopt ? undefined : f32Buffer(this.#base, this.#name).readInto(memory);
    // A read waits for what was enqueued before: one wait is enough for both.
    const [read] = await Promise.all([f32Buffer(this.#base, result).read(), copied]);
    return read;
  }

  destroy(): void {
    for (const { executable, buffer } of this.#adopted.values()) {
      executable.destroy();
      buffer.destroy();
    }
    this.#base.destroy();
  }

  async #variant(memory: Float32Array): Promise<Executable> {
    if (!this.#device.adopt) return this.#base;
    const known = this.#adopted.get(memory);
    if (known) return known.executable;
    const { program } = this.#base;
    const buffer = this.#device.adopt(memory, this.#name);
    const shared = program.buffers.map(({ name }) => [name, name === this.#name ? buffer : this.#base.buffer(name)]);
    try {
      const executable = await this.#device.compile(program, Object.fromEntries(shared));
      this.#adopted.set(memory, { executable, buffer });
      return executable;
    } catch (error) {
      buffer.destroy();
      throw error;
    }
  }
}
