/** A program compiled for a CPU device: its ops in native form, and the buffers they work on. */
import { grouped, mapWork } from "../../program/fuse-maps.js";
import { type Op, operands } from "../../program/op.js";
import type { Program } from "../../program/program.js";
import { CommonExecutable, type ExecutableMemory } from "../common/executable.js";
import type { ExecutableHandle, MemoryHandle } from "./addon.js";
import type { CpuBuffer } from "./cpu-buffer.js";
import type { Engine } from "./engine.js";
import { nativeMaps, nativeOp } from "./native-op.js";
import { type Blocks, isOwn, ownOp } from "./own-op.js";

export class CpuExecutable extends CommonExecutable<CpuBuffer> {
  readonly #engine: Engine;
  readonly #handle: ExecutableHandle;
  /** Numbers of the functions that its ops call. */
  readonly #calls: readonly number[];

  constructor(engine: Engine, program: Program, memory: ExecutableMemory<CpuBuffer>) {
    super(engine.life, program, memory);
    this.#engine = engine;
    const handles: Record<string, MemoryHandle> = Object.create(null);
    for (const [name, buffer] of memory.buffers) handles[name] = buffer.memory;
    const ops = grouped(program.ops).map(({ first, ops: [op, ...more] }) => {
      if (more.length > 0) return nativeMaps(mapWork([op, ...more].filter((map) => map.kind === "map")));
      const where = `${program.name}, op ${first}, ${op.kind}`;
      return isOwn(op) ? ownOp(where, op, engine, this.#blocks(op, memory)) : nativeOp(op);
    });
    this.#calls = ops.flatMap((op) => (op.kind === "host" ? [op.number] : []));
    this.#handle = engine.within(() => engine.core.compile(engine.handle, ops, handles));
  }

  protected enqueue(times: number): void {
    const { handle, core } = this.#engine;
    this.#engine.within(() => core.run(handle, this.#handle, times));
  }

  protected override discard(): void {
    this.#engine.core.discard(this.#handle);
    if (this.#calls.length === 0) return;
    const { host } = this.#engine;
    // Runs that are enqueued still call them.
    this.#engine.afterwards(() => {
      for (const call of this.#calls) host.remove(call);
    });
  }

  /** What the operands of an op, and their cursors, lie in. */
  #blocks(op: Op, { buffers }: ExecutableMemory<CpuBuffer>): Blocks {
    const { reads, writes } = operands(op);
    const names = [...reads, ...writes].flatMap(({ buffer, cursor }) =>
      cursor === undefined ? [buffer] : [buffer, cursor],
    );
    const { core } = this.#engine;
    return new Map(
      [...buffers]
        .filter(([name]) => names.includes(name))
        .map(([name, { memory, length }]) => [name, { memory: core.share(memory), length }]),
    );
  }
}
