/**
 * The WGSL functions through which a shader reaches an operand, `read4_NAME(i)` and so on: for each type of element, and for elements
 * that are touched one by one or in fours.
 */
import { type ElementType, elements, type Float } from "../../program/buffer.js";
import type { Operand } from "./kernel.js";

/** An operand in its binding. */
export interface PlacedOperand extends Operand {
  /** Elements from the start of the binding to the start of the view. */
  readonly shift: number;
  /** Number of entries of the table, when a cursor moves the view. */
  readonly entries: number;
}

/** What the cursor that moves an operand is called. */
export const cursorName = (operand: Operand): string => `cursor_of_${operand.name}`;

/** The float types that WGSL has. */
type ShaderFloat = Exclude<Float, "bf16">;

/** What they are called in WGSL, and how a vec4f becomes one of their vectors. */
export const WGSL: Readonly<
  Record<ShaderFloat, { readonly scalar: string; readonly vector: string; readonly from: string }>
> = {
  f32: { scalar: "f32", vector: "vec4f", from: "" },
  f16: { scalar: "f16", vector: "vec4h", from: "to_half" },
};

/** Whether shaders see it as a float. */
export function isFloat(type: ElementType): type is ShaderFloat {
  return type in WGSL;
}

/** Buffers of bf16 are refused before a kernel could read one. */
function wordType(type: ElementType): "u32" | "u8" {
  if (type === "u32" || type === "u8") return type;
  throw new Error(`Invariant violation: webgpu device: no accessors for ${type}`);
}

/** The functions that reach one operand through `memory`, the variable of its binding. */
export function accessors(operand: PlacedOperand, memory: string, fours: boolean): string[] {
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

/** Shaders see f32, whatever the memory holds; `from` is what makes a vec4f one of its vectors. */
type FloatAccessorWriter = (name: string, memory: string, index: string, from: string) => Accessors;
type AccessorWriter = (name: string, memory: string, index: string, operand: PlacedOperand) => Accessors;

const vectorAccessors: FloatAccessorWriter = (name, memory, index, from) => ({
  read: [
    `fn read_${name}(i: u32) -> f32 { let at = ${index}; return f32(${memory}[at / 4][at % 4]); }`,
    `fn read4_${name}(i: u32) -> vec4f { return vec4f(${memory}[(${index}) / 4]); }`,
  ],
  // Whole vectors only, so the count of elements that are left plays no part.
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

/** Four elements of a view of whole numbers, from the i-th on. */
const fourWords = (name: string): string => `vec4u(${[0, 1, 2, 3].map((k) => `read_${name}(i + ${k})`).join(", ")})`;

const wordAccessors: AccessorWriter = (name, memory, index) => ({
  read: [
    `fn read_${name}(i: u32) -> u32 { return ${memory}[${index}]; }`,
    `fn read4_${name}(i: u32) -> vec4f { return vec4f(${fourWords(name)}); }`,
  ],
  write: [`fn write_${name}(i: u32, value: u32) { ${memory}[${index}] = value; }`],
});

/** Bytes are packed four to a word, the first in the low bits. No op writes them. */
const byteAccessors: AccessorWriter = (name, memory, index, { fours, shift }) => ({
  read: [
    `fn read_${name}(i: u32) -> u32 { let at = ${index}; return extractBits(${memory}[at / 4], at % 4 * 8, 8); }`,
    fours && shift % 4 === 0
      ? `fn read4_${name}(i: u32) -> vec4f { return vec4f(unpack4xU8(${memory}[(${index}) / 4])); }`
      : `fn read4_${name}(i: u32) -> vec4f {
  return vec4f(${fourWords(name)});
}`,
  ],
  write: [],
});
