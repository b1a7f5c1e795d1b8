/**
 * The reference device runs the reference function of each op: plain TypeScript in float64, slow and obvious. Every call does
 * its work at once, so no queue is needed. Tests compare other devices with it, and check gradients by central differences.
 */
import { type ElementType, elements, type View } from "../../program/buffer.js";
import { ops } from "../../program/op.js";
import type { Program } from "../../program/program.js";
import { checkedBindings, checkProgram } from "../common/checks.js";
import { CommonDevice } from "../common/device.js";
import { CommonExecutable } from "../common/executable.js";
import { Life } from "../common/life.js";
import type { Bindings, DeviceInfo } from "../device.js";
import { Matrix } from "./matrix.js";
import { ReferenceBuffer } from "./reference-buffer.js";

export function openReferenceDevice(): ReferenceDevice {
  return new ReferenceDevice();
}

export class ReferenceDevice extends CommonDevice {
  readonly info: DeviceInfo = {
    kind: "reference",
    name: "reference (float64, for tests)",
    id: "reference",
    bits: "reference",
    driver: "TypeScript",
    software: true,
    limits: {},
    features: [],
  };
  readonly life = new Life(this.info.name);

  createBuffer<T extends ElementType>(type: T, length: number, label: string): ReferenceBuffer<T> {
    this.life.check();
    return new ReferenceBuffer(this.life, type, length, label);
  }

  async compile(program: Program, bindings: Bindings = {}): Promise<ReferenceExecutable> {
    this.life.check();
    checkProgram(program);
    const buffers = checkedBindings(program, bindings, (buffer) => this.#owns(buffer));
    for (const buffer of buffers.values()) buffer.checkUsable();
    const owned: ReferenceBuffer[] = [];
    for (const { name, type, length } of program.buffers) {
      if (buffers.has(name)) continue;
      const buffer = this.createBuffer(type, length, `${program.name}.${name}`);
      owned.push(buffer);
      buffers.set(name, buffer);
    }
    return new ReferenceExecutable(this.life, program, { buffers, owned });
  }

  async idle(): Promise<void> {
    this.life.check();
  }

  destroy(): void {
    this.life.end({ reason: "destroyed", message: "destroy() was called" });
  }

  #owns(buffer: unknown): buffer is ReferenceBuffer {
    return buffer instanceof ReferenceBuffer && buffer.belongsTo(this.life);
  }
}

export class ReferenceExecutable extends CommonExecutable<ReferenceBuffer> {
  protected enqueue(times: number): void {
    for (let time = 0; time < times; time++) {
      for (const op of this.program.ops) {
        ops.get(op.kind).reference(op, (view) => this.#matrix(view));
      }
    }
  }

  #matrix(view: View): Matrix {
    const { data, length } = this.buffer(view.buffer);
    const entries = (length - view.offset) / elements(view);
    const entry = view.cursor === undefined ? 0 : Math.min(this.buffer(view.cursor).data[0], entries - 1);
    return new Matrix(view.type, data, view.offset + entry * elements(view), view.rows, view.columns);
  }
}
