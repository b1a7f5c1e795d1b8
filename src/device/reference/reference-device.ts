/**
 * The reference device: plain TypeScript in float64, slow and obvious. Everything happens at the moment of the call, so
 * order needs no queue. It exists to be compared with, and for gradients to be checked by central differences.
 */
import { DawnpourError, unknownWord } from "../../error.js";
import { type ElementType, elements, type View } from "../../program/buffer.js";
import type { Program } from "../../program/program.js";
import {
  type Bindings,
  checkBindings,
  type Device,
  type DeviceInfo,
  type DeviceLoss,
  DeviceLostError,
  type Executable,
} from "../device.js";
import { interpret } from "./interpreter.js";
import { Matrix } from "./matrix.js";
import { type CheckAlive, ReferenceBuffer } from "./reference-buffer.js";

export function openReferenceDevice(): ReferenceDevice {
  return new ReferenceDevice();
}

export class ReferenceDevice implements Device {
  readonly info: DeviceInfo = {
    kind: "reference",
    name: "reference (float64, for tests)",
    id: "reference",
    driver: "TypeScript",
    software: true,
    limits: {},
    features: [],
  };
  readonly lost: Promise<DeviceLoss>;
  #settleLost: (loss: DeviceLoss) => void = () => {};
  #alive = true;
  readonly #checkAlive: CheckAlive = () => {
    if (!this.#alive) throw new DeviceLostError("reference device: used after it was destroyed; open a new one");
  };

  constructor() {
    this.lost = new Promise((resolve) => {
      this.#settleLost = resolve;
    });
  }

  createBuffer<T extends ElementType>(type: T, length: number, label: string): ReferenceBuffer<T> {
    this.#checkAlive();
    return new ReferenceBuffer(type, length, label, this.#checkAlive);
  }

  async compile(program: Program, bindings: Bindings = {}): Promise<ReferenceExecutable> {
    this.#checkAlive();
    checkBindings(program, bindings);
    const buffers = new Map<string, ReferenceBuffer>();
    const owned: ReferenceBuffer[] = [];
    for (const { name, type, length } of program.buffers) {
      const bound = bindings[name];
      if (bound && !(bound instanceof ReferenceBuffer)) {
        throw new DawnpourError(`${program.name}: buffer "${name}" is bound to memory of another device`);
      }
      const buffer = bound ?? this.createBuffer(type, length, name);
      if (!bound) owned.push(buffer);
      buffers.set(name, buffer);
    }
    return new ReferenceExecutable(program, buffers, owned, this.#checkAlive);
  }

  async idle(): Promise<void> {
    this.#checkAlive();
  }

  destroy(): void {
    this.#alive = false;
    this.#settleLost({ reason: "destroyed", message: "the reference device was destroyed" });
  }
}

export class ReferenceExecutable implements Executable {
  readonly program: Program;
  readonly #buffers: ReadonlyMap<string, ReferenceBuffer>;
  readonly #owned: readonly ReferenceBuffer[];
  readonly #checkAlive: CheckAlive;

  constructor(
    program: Program,
    buffers: ReadonlyMap<string, ReferenceBuffer>,
    owned: readonly ReferenceBuffer[],
    checkAlive: CheckAlive,
  ) {
    this.program = program;
    this.#buffers = buffers;
    this.#owned = owned;
    this.#checkAlive = checkAlive;
  }

  buffer(name: string): ReferenceBuffer {
    const buffer = this.#buffers.get(name);
    if (buffer === undefined) throw unknownWord(`buffer of ${this.program.name}`, name, [...this.#buffers.keys()]);
    return buffer;
  }

  run(times = 1): void {
    this.#checkAlive();
    for (let time = 0; time < times; time++) {
      for (const op of this.program.ops) {
        interpret(op, (view) => this.#matrix(view));
      }
    }
  }

  destroy(): void {
    for (const buffer of this.#owned) buffer.destroy();
  }

  #matrix(view: View): Matrix {
    const { data, length } = this.buffer(view.buffer);
    const entries = (length - view.offset) / elements(view);
    const entry = view.cursor === undefined ? 0 : Math.min(this.buffer(view.cursor).data[0], entries - 1);
    return new Matrix(view.type, data, view.offset + entry * elements(view), view.rows, view.columns);
  }
}
