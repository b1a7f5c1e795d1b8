/**
 * Binds a kernel's operands to memory, and writes the WGSL functions through which its shader reads and writes them. A shader says
 * `read4_input(i)`. It need not know where in a buffer the view starts, whether a cursor moves the view, whether elements are
 * bytes packed into words, or whether two operands are in one buffer.
 *
 * The start of a binding must be aligned. So a range begins at the aligned address below it, and the functions add the difference.
 * One dispatch must not bind a buffer both for reading and for writing, nor bind overlapping ranges for writing. So where a
 * kernel writes one operand of a buffer, all operands in that buffer are bound for writing, and overlapping ranges become one
 * binding.
 */
import { BYTES_PER_ELEMENT, describe, elements, type View } from "../../program/buffer.js";
import { DeviceLimitError } from "../device.js";
import { accessors, cursorName, isFloat, type PlacedOperand, WGSL } from "./accessors.js";
import type { Operand, TargetLimits } from "./kernel.js";

/** The memory of the buffers that views name. */
export interface Memory {
  /** Two names have the same identity exactly when they share memory. */
  identity(buffer: string): unknown;
  /** Number of elements. */
  length(buffer: string): number;
}

/** A range of a buffer, in bytes. */
export interface Binding {
  readonly buffer: string;
  readonly offset: number;
  readonly size: number;
  readonly writable: boolean;
}

export interface BoundOperands {
  /** In the order of `@binding(0)`, `@binding(1)`, ... of group 0. */
  readonly bindings: readonly Binding[];
  /** The module `operands`: the bindings, and the functions that read and write through them. */
  readonly wgsl: string;
}

/** Bindings end at multiples of this, the size of a vec4f; buffers are allocated in such multiples. */
export const GRANULE = 16;

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** @throws DeviceLimitError when a range is too large for the device to bind, or there are too many ranges. */
export function bindOperands(
  where: string,
  operands: readonly Operand[],
  memory: Memory,
  limits: TargetLimits,
): BoundOperands {
  const slots = assignSlots(withCursors(operands), memory, limits.minStorageBufferOffsetAlignment);
  checkLimits(where, slots, limits);
  const half = slots.some((slot) => slot.operands[0].view.type === "f16");
  const imports = half ? ["import package::shared::float16::to_half;", "enable f16;"] : [];
  return { bindings: slots.map((slot) => slot.binding), wgsl: [...imports, ...slots.map(declare)].join("\n") };
}

/** A binding and the operands it carries. */
interface Slot {
  readonly index: number;
  readonly binding: Binding;
  readonly operands: readonly PlacedOperand[];
}

interface Range {
  start: number;
  end: number;
  operands: Operand[];
}

function withCursors(operands: readonly Operand[]): Operand[] {
  return operands.flatMap((operand) => {
    const { cursor } = operand.view;
    if (cursor === undefined) return [operand];
    const view: View = { buffer: cursor, type: "u32", offset: 0, rows: 1, columns: 1 };
    return [operand, { name: cursorName(operand), view, writable: false, fours: false }];
  });
}

function assignSlots(operands: readonly Operand[], memory: Memory, alignment: number): Slot[] {
  const byMemory = new Map<unknown, Operand[]>();
  for (const operand of operands) {
    const identity = memory.identity(operand.view.buffer);
    byMemory.set(identity, [...(byMemory.get(identity) ?? []), operand]);
  }
  const ranges = [...byMemory.values()].flatMap((sharing) => {
    const separate = sharing.map((operand) => byteRange(operand, memory, alignment));
    const writable = sharing.some((operand) => operand.writable);
    return (writable ? mergeOverlapping(separate) : separate).map((range) => ({ ...range, writable }));
  });
  return ranges.map(({ start, end, writable, operands: placed }, index) => ({
    index,
    binding: { buffer: placed[0].view.buffer, offset: start, size: end - start, writable },
    operands: placed.map((operand) => place(operand, start, memory)),
  }));
}

function byteRange(operand: Operand, memory: Memory, alignment: number): Range {
  const { view } = operand;
  const bytes = BYTES_PER_ELEMENT[view.type];
  // A cursor can move the view anywhere in the rest of its buffer.
  const end = view.cursor === undefined ? view.offset + elements(view) : memory.length(view.buffer);
  const start = Math.floor((view.offset * bytes) / alignment) * alignment;
  return { start, end: roundUp(end * bytes, GRANULE), operands: [operand] };
}

function mergeOverlapping(ranges: Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start < last.end) {
      last.end = Math.max(last.end, range.end);
      last.operands.push(...range.operands);
    } else {
      merged.push(range);
    }
  }
  return merged;
}

function place(operand: Operand, start: number, memory: Memory): PlacedOperand {
  const { view } = operand;
  const entries = Math.floor((memory.length(view.buffer) - view.offset) / elements(view));
  return { ...operand, shift: view.offset - start / BYTES_PER_ELEMENT[view.type], entries };
}

function checkLimits(where: string, slots: readonly Slot[], limits: TargetLimits): void {
  const most = limits.maxStorageBuffersPerShaderStage;
  if (slots.length > most) {
    throw new DeviceLimitError(
      `${where}: needs ${slots.length} storage buffers, but maxStorageBuffersPerShaderStage of this device is ${most}`,
    );
  }
  for (const { binding, operands } of slots) {
    if (binding.size > limits.maxStorageBufferBindingSize) {
      const views = operands.map((operand) => describe(operand.view)).join(" and ");
      throw new DeviceLimitError(
        `${where}: binding ${views} needs ${binding.size} bytes, but maxStorageBufferBindingSize of this device is ` +
          `${limits.maxStorageBufferBindingSize}; use smaller layers or batches, or the CPU device`,
      );
    }
  }
}

function declare({ index, binding, operands }: Slot): string {
  const { type } = operands[0].view;
  const fours = isFloat(type) && operands.every((operand) => operand.fours && operand.shift % 4 === 0);
  const element = isFloat(type) ? WGSL[type][fours ? "vector" : "scalar"] : "u32";
  const access = binding.writable ? "read_write" : "read";
  const variable = `memory${index}`;
  return [
    `@group(0) @binding(${index}) var<storage, ${access}> ${variable}: array<${element}>;`,
    ...operands.flatMap((operand) => accessors(operand, variable, fours)),
  ].join("\n");
}
