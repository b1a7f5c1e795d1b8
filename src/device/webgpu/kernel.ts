/**
 * A kernel is one dispatch, as data: which shader, what is baked into it, which views it works on and how many workgroups
 * it takes. Lowering turns ops into kernels; binding, linking and dispatching know nothing of ops.
 */
import type { View } from "../../program/buffer.js";

export interface Operand {
  /** What the shader calls it: `read4_NAME`, `write4_NAME`. */
  readonly name: string;
  readonly view: View;
  readonly writable: boolean;
  /** Whether the shader touches it in fours only, each at a multiple of four from its start. */
  readonly fours: boolean;
}

export interface Kernel {
  /** The module in shaders/ that holds the entry point, without `.wgsl`. */
  readonly shader: string;
  /** Modules that are made for it, by file name, besides those of shaders/. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Values of the module `constants`. */
  readonly constants: Readonly<Record<string, number>>;
  /** The `@if` conditions that hold. */
  readonly conditions: readonly string[];
  readonly operands: readonly Operand[];
  readonly workgroups: number;
}

/** What lowering needs to know of the adapter. */
export interface Target {
  readonly limits: TargetLimits;
  /** Whether the CPU does the work. */
  readonly software: boolean;
  /** Invocations in a subgroup, where that is one fixed number; otherwise undefined. */
  readonly lanes: number | undefined;
  /** The product that subgroup matrices (tensor cores) do at once, of f16 with sums in f32; undefined without them. */
  readonly matrix?: MatrixUnit;
}

/** [m, k] times [k, n]. */
export interface MatrixUnit {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface TargetLimits {
  readonly maxStorageBufferBindingSize: number;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly minStorageBufferOffsetAlignment: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Invocations per workgroup of every kernel but the gemms. */
export const WORKGROUP = 64;

/** An operand that is only read. */
export function reads(name: string, view: View, fours: boolean): Operand {
  return { name, view, writable: false, fours };
}

/** An operand that is written, and may be read. */
export function writes(name: string, view: View, fours: boolean): Operand {
  return { name, view, writable: true, fours };
}

/** Workgroups for that many invocations. */
export function workgroupsFor(invocations: number): number {
  return Math.ceil(invocations / WORKGROUP);
}
