/** What the executables of all devices have in common: the check that they may be run, and the calls that they refuse. */
import { DawnpourError, UsageError } from "../../error.js";
import type { ElementType } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import type { DeviceBuffer, Executable } from "../device.js";
import type { CommonBuffer } from "./buffer.js";
import { checkTimes, unknownBuffer } from "./checks.js";
import type { Life } from "./life.js";

/** The memory of an executable. */
export interface ExecutableMemory<B extends CommonBuffer> {
  /** The memory of each buffer of the program. */
  readonly buffers: ReadonlyMap<string, B>;
  /** The buffers that are destroyed with the executable. */
  readonly owned: readonly { destroy(): void }[];
}

export abstract class CommonExecutable<B extends CommonBuffer> implements Executable {
  readonly program: Program;
  readonly #life: Life;
  readonly #memory: ExecutableMemory<B>;
  #destroyed = false;

  constructor(life: Life, program: Program, memory: ExecutableMemory<B>) {
    this.#life = life;
    this.program = program;
    this.#memory = memory;
  }

  buffer(name: string): B;
  buffer<T extends ElementType>(name: string, type: T): B & DeviceBuffer<T>;
  buffer(name: string, type?: ElementType): B {
    const buffer = this.#memory.buffers.get(name);
    if (!buffer) throw unknownBuffer(this.program, name);
    if (type !== undefined && buffer.type !== type) {
      throw new UsageError(`${this.program.name}: buffer "${name}" holds ${buffer.type}, not ${type}`);
    }
    return buffer;
  }

  run(times = 1): void {
    this.#life.check();
    if (this.#destroyed) throw new DawnpourError(`${this.program.name} was destroyed; compile it again to run it`);
    checkTimes(this.program, times);
    for (const buffer of this.#memory.buffers.values()) buffer.checkUsable();
    this.enqueue(times);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.discard();
    for (const owned of this.#memory.owned) owned.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
  }

  protected abstract enqueue(times: number): void;

  /** Frees what else the executable has. Called once, before the memory is freed. */
  protected discard(): void {}
}
