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
import {
  BYTES_PER_ELEMENT,
  describe,
  type ElementType,
  elements,
  type Float,
  type View,
} from "../../program/buffer.js";
import { DeviceLimitError } from "../device.js";
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
  const imports = half ? ["import package::float16::to_half;", "enable f16;"] : [];
  return { bindings: slots.map((slot) => slot.binding), wgsl: [...imports, ...slots.map(declare)].join("\n") };
}

/** A binding and the operands it carries. */
interface Slot {
  readonly index: number;
  readonly binding: Binding;
  readonly operands: readonly PlacedOperand[];
}

interface PlacedOperand extends Operand {
  /** Elements from the start of the binding to the start of the view. */
  readonly shift: number;
  /** Number of entries in the cursor's table, where a cursor moves the view. */
  readonly entries: number;
}

interface Range {
  start: number;
  end: number;
  operands: Operand[];
}

const cursorName = (operand: Operand): string => `cursor_of_${operand.name}`;

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

/** The float types that WGSL has. */
type ShaderFloat = Exclude<Float, "bf16">;

/** WGSL's names of these types and of their vectors, and the function that makes such a vector from a vec4f. */
const WGSL: Readonly<Record<ShaderFloat, { readonly scalar: string; readonly vector: string; readonly from: string }>> =
  {
    f32: { scalar: "f32", vector: "vec4f", from: "" },
    f16: { scalar: "f16", vector: "vec4h", from: "to_half" },
  };

function isFloat(type: ElementType): type is ShaderFloat {
  return type in WGSL;
}

/** The type of a buffer that is not of floats. No kernel reads bf16: its buffers are refused earlier. */
function wordType(type: ElementType): "u32" | "u8" {
  if (type === "u32" || type === "u8") return type;
  throw new Error(`Invariant violation: webgpu device: no accessors for ${type}`);
}

function accessors(operand: PlacedOperand, memory: string, fours: boolean): string[] {
  const { name, view, writable } = operand;
  const index = indexExpression(operand);
  const { read, write } = isFloat(view.type)
    ? (fours ? vectorAccessors : scalarAccessors)(name, memory, index, WGSL[view.type].from)
    : { u32: wordAccessors, u8: byteAccessors }[wordType(view.type)](name, memory, index, operand);
  return writable ? [...read, ...write] : read;
}

/** Where element `i` of the view lies in the binding. A cursor past the end of its table stays at the last entry. */
function indexExpression(operand: PlacedOperand): string {
  const { view, shift, entries } = operand;
  const start = shift === 0 ? "i" : `i + ${shift}u`;
  if (view.cursor === undefined) return start;
  return `${start} + min(read_${cursorName(operand)}(0), ${entries - 1}u) * ${elements(view)}u`;
}

interface Accessors {
  readonly read: string[];
  readonly write: string[];
}

/** Writes the functions of a float type. Shaders see f32; `from` makes a vector of the memory's type from a vec4f. */
type FloatAccessorWriter = (name: string, memory: string, index: string, from: string) => Accessors;
type AccessorWriter = (name: string, memory: string, index: string, operand: PlacedOperand) => Accessors;

const vectorAccessors: FloatAccessorWriter = (name, memory, index, from) => ({
  read: [
    `fn read_${name}(i: u32) -> f32 { let at = ${index}; return f32(${memory}[at / 4][at % 4]); }`,
    `fn read4_${name}(i: u32) -> vec4f { return vec4f(${memory}[(${index}) / 4]); }`,
  ],
  // All vectors are whole here, so `count`, the number of elements that are left, is not needed.
  write: [`fn write4_${name}(i: u32, value: vec4f, count: u32) { ${memory}[(${index}) / 4] = ${from}(value); }`],
});

const scalarAccessors: FloatAccessorWriter = (name, memory, index, from) => ({
  read: [
    `fn read_${name}(i: u32) -> f32 { return f32(${memory}[${index}]); }`,
    `fn read4_${name}(i: u32) -> vec4f {
  let at = ${index};
  return vec4f(f32(${memory}[at]), f32(${memory}[at + 1]), f32(${memory}[at + 2]), f32(${memory}[at + 3]));
}`,
  ],
  write: [
    `fn write_${name}(i: u32, value: f32) { ${memory}[${index}] = ${from}(vec4f(value)).x; }`,
    `fn write4_${name}(i: u32, value: vec4f, count: u32) {
  let at = ${index};
  let stored = ${from}(value);
  ${memory}[at] = stored.x;
  if (count > 1) { ${memory}[at + 1] = stored.y; }
  if (count > 2) { ${memory}[at + 2] = stored.z; }
  if (count > 3) { ${memory}[at + 3] = stored.w; }
}`,
  ],
});

const wordAccessors: AccessorWriter = (name, memory, index) => ({
  read: [`fn read_${name}(i: u32) -> u32 { return ${memory}[${index}]; }`],
  write: [`fn write_${name}(i: u32, value: u32) { ${memory}[${index}] = value; }`],
});

/** Bytes are packed four to a word, the first in the low bits. No op writes them. */
const byteAccessors: AccessorWriter = (name, memory, index, { fours, shift }) => ({
  read: [
    `fn read_${name}(i: u32) -> u32 { let at = ${index}; return extractBits(${memory}[at / 4], at % 4 * 8, 8); }`,
    fours && shift % 4 === 0
      ? `fn read4_${name}(i: u32) -> vec4f { return vec4f(unpack4xU8(${memory}[(${index}) / 4])); }`
      : `fn read4_${name}(i: u32) -> vec4f {
  return vec4f(vec4u(read_${name}(i), read_${name}(i + 1), read_${name}(i + 2), read_${name}(i + 3)));
}`,
  ],
  write: [],
});
