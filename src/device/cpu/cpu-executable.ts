/** A program compiled for a CPU device: its ops in native form, and the buffers they work on. */
import type { Program } from "../../program/program.js";
import { CommonExecutable, type ExecutableMemory } from "../common/executable.js";
import type { ExecutableHandle, MemoryHandle } from "./addon.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { Engine } from "./engine.js";
import { nativeOp } from "./native-op.js";

export class CpuExecutable extends CommonExecutable<CpuBuffer> {
  readonly #engine: Engine;
  readonly #handle: ExecutableHandle;

  constructor(engine: Engine, program: Program, memory: ExecutableMemory<CpuBuffer>) {
    super(engine.life, program, memory);
    this.#engine = engine;
    const handles: Record<string, MemoryHandle> = Object.create(null);
    for (const [name, buffer] of memory.buffers) handles[name] = buffer.memory;
    this.#handle = engine.within(() => engine.core.compile(engine.handle, program.ops.map(nativeOp), handles));
  }

  protected enqueue(times: number): void {
    const { handle, core } = this.#engine;
    this.#engine.within(() => core.run(handle, this.#handle, times));
  }

  protected override discard(): void {
    this.#engine.core.discard(this.#handle);
  }
}
