/**
 * A kernel is one dispatch, as data: its shader, the constants of that shader, the views that it works on and its number of
 * workgroups. Lowering turns ops into kernels; binding, linking and dispatching know nothing of ops.
 */
import type { View } from "../../program/buffer.js";

export interface Operand {
  /** The shader's name for it, as in `read4_NAME` and `write4_NAME`. */
  readonly name: string;
  readonly view: View;
  readonly writable: boolean;
  /** Whether the shader reads and writes it four elements at a time, each four at a multiple of four from its start. */
  readonly fours: boolean;
}

export interface Kernel {
  /** The file in shaders/ that has the entry point: its path there, without `.wgsl`. */
  readonly shader: string;
  /** Modules that are generated for the kernel, by file name, beside those of shaders/. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Values of the module `constants`. */
  readonly constants: Readonly<Record<string, number>>;
  /** The `@if` conditions that hold. */
  readonly conditions: readonly string[];
  readonly operands: readonly Operand[];
  readonly workgroups: number;
}

/** What lowering has to know of the adapter. */
export interface Target {
  readonly limits: TargetLimits;
  /** Whether the adapter is software, which runs on the CPU. */
  readonly software: boolean;
  /** Invocations in a subgroup; undefined where that number is not fixed. */
  readonly lanes: number | undefined;
  /** The product of f16 with sums in f32 that subgroup matrices (tensor cores) compute at once; undefined without them. */
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

/** Invocations in a workgroup, for every kernel but the gemms. */
export const WORKGROUP = 64;

/** An operand that is only read. */
export function reads(name: string, view: View, fours: boolean): Operand {
  return { name, view, writable: false, fours };
}

/** An operand that is written, and may be read. */
export function writes(name: string, view: View, fours: boolean): Operand {
  return { name, view, writable: true, fours };
}

/** The number of workgroups for a number of invocations. */
export function workgroupsFor(invocations: number): number {
  return Math.ceil(invocations / WORKGROUP);
}
