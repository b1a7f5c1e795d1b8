/**
 * The reference device with memory of f32: the results of an op are rounded, as on every other device. So its state can be read
 * and written without loss, and whole runs on it can be compared bit for bit.
 */
import { CommonDevice } from "../../src/device/common/device.js";
import type { Life } from "../../src/device/common/life.js";
import type { Bindings, Device, DeviceBuffer, Executable } from "../../src/device/device.js";
import type { ReferenceBuffer } from "../../src/device/reference/reference-buffer.js";
import { openReferenceDevice, type ReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { ElementType } from "../../src/program/buffer.js";
import { operands } from "../../src/program/op.js";
import type { Program } from "../../src/program/program.js";
import { ending } from "./ending.js";

export interface RoundedDevice extends Device {
  /** Elements of every buffer that was made, by label. */
  readonly made: readonly { readonly label: string; readonly length: number }[];
}

/** @param pause how long every read takes; default: no time */
export function openRoundedDevice(pause: () => Promise<void> = async () => undefined): RoundedDevice {
  return new Rounded(openReferenceDevice(), pause);
}

class Rounded extends CommonDevice implements RoundedDevice {
  readonly made: { readonly label: string; readonly length: number }[] = [];
  readonly life: Life;
  readonly #inner: ReferenceDevice;
  readonly #pause: () => Promise<void>;

  constructor(inner: ReferenceDevice, pause: () => Promise<void>) {
    super();
    this.life = inner.life;
    this.#inner = inner;
    this.#pause = pause;
  }

  get info() {
    return this.#inner.info;
  }

  createBuffer<T extends ElementType>(type: T, length: number, label: string): DeviceBuffer<T> {
    this.made.push({ label, length });
    return slowed(this.#inner.createBuffer(type, length, label), this.#pause);
  }

  async compile(program: Program, bindings: Bindings = {}): Promise<Executable> {
    const missing = program.buffers.filter(({ name }) => bindings[name] === undefined);
    const own = missing.map(({ name, type, length }) => [name, this.createBuffer(type, length, name)] as const);
    const all: Bindings = { ...bindings, ...Object.fromEntries(own) };
    const steps = await Promise.all(program.ops.map((op) => this.#inner.compile({ ...program, ops: [op] }, all)));
    const round = (name: string): void => {
      const buffer = all[name] as ReferenceBuffer;
      if (buffer.type === "f32") buffer.writeExact(Float64Array.from(buffer.readExact(), Math.fround) as never);
    };
    return {
      program,
      buffer: ((name: string) => steps[0].buffer(name)) as Executable["buffer"],
      run(times = 1) {
        for (let time = 0; time < times; time++) {
          for (const [i, step] of steps.entries()) {
            step.run();
            for (const { buffer } of operands(program.ops[i]).writes) round(buffer);
          }
        }
      },
      ...ending(() => {
        for (const [, buffer] of own) buffer.destroy();
      }),
    };
  }

  async idle(): Promise<void> {
    await this.#inner.idle();
    await this.#pause();
  }

  destroy(): void {
    this.#inner.destroy();
  }
}

/** The same buffer with slow reads. A read gives the values at the time of its call. */
function slowed<B extends DeviceBuffer>(buffer: B, pause: () => Promise<void>): B {
  const { read, readInto } = buffer;
  buffer.read = async (offset, length) => {
    const values = await read.call(buffer, offset, length);
    await pause();
    return values;
  };
  buffer.readInto = async (out, offset) => {
    const values = out.slice();
    await readInto.call(buffer, values, offset);
    await pause();
    (out as Float32Array).set(values as Float32Array);
  };
  return buffer;
}
