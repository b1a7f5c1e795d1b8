/** A program compiled for a CPU device: its ops in native form, and the buffers they work on. */
import { DawnpourError, unknownWord } from "../../error.js";
import type { Program } from "../../program/program.js";
import type { Executable } from "../device.js";
import type { ExecutableHandle, MemoryHandle } from "./addon.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { Engine } from "./engine.js";

export class CpuExecutable implements Executable {
  readonly program: Program;
  readonly #engine: Engine;
  readonly #buffers: ReadonlyMap<string, CpuBuffer>;
  readonly #owned: readonly CpuBuffer[];
  #handle: ExecutableHandle | undefined;

  /** `owned` are those of `buffers` that `destroy` frees. */
  constructor(engine: Engine, program: Program, buffers: ReadonlyMap<string, CpuBuffer>, owned: readonly CpuBuffer[]) {
    this.program = program;
    this.#engine = engine;
    this.#buffers = buffers;
    this.#owned = owned;
    const memory: Record<string, MemoryHandle> = Object.create(null);
    for (const [name, buffer] of buffers) memory[name] = buffer.memory;
    this.#handle = engine.core.compile(engine.handle, program.ops, memory);
  }

  buffer(name: string): CpuBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) throw unknownWord(`buffer of ${this.program.name}`, name, [...this.#buffers.keys()]);
    return buffer;
  }

  run(times = 1): void {
    const { handle, core } = this.#engine;
    if (this.#handle === undefined) throw new DawnpourError(`${this.program.name}: run after it was destroyed`);
    if (!Number.isSafeInteger(times) || times < 0) {
      throw new DawnpourError(`${this.program.name}: times must be a whole number from 0, got ${times}`);
    }
    // The native program would still find the memory, which is what makes a stale binding worth an error.
    for (const buffer of this.#buffers.values()) void buffer.memory;
    core.run(handle, this.#handle, times);
  }

  destroy(): void {
    if (this.#handle !== undefined) this.#engine.core.discard(this.#handle);
    this.#handle = undefined;
    for (const buffer of this.#owned) buffer.destroy();
  }
}
