/**
 * The low level, `dawnpour/kernels`: devices, programs, ops, and benchmarks of them. It is for applications that have a trainer
 * of their own, and for measuring kernels.
 */
export { benchmarkGemm, type GemmResult } from "./benchmark/gemm.js";
export { defaultShapes, type GemmShape, parseShapes } from "./benchmark/gemm-shapes.js";
export { type BenchmarkOptions, measure, type Timing } from "./benchmark/measure.js";
export { benchmarkStep, STEP_SHAPES, type StepResult, type StepShape } from "./benchmark/step.js";
export { costOf } from "./device/cost/cost.js";
export * from "./device/device.js";
export * from "./device/open.js";
export { type PhysicalDevice, type PhysicalKind, physicalDevices, physicalEnvironment } from "./device/physical.js";
export * from "./program/buffer.js";
export { ProgramError } from "./program/check.js";
export { type By, type DifferentiateOptions, differentiate } from "./program/differentiate.js";
export { fromFloat16Array, toFloat16Array } from "./program/float16.js";
export { fromFloats, type NarrowFloat, toFloats } from "./program/narrow-float.js";
export * from "./program/op.js";
export { type Program, ProgramBuilder } from "./program/program.js";
export { openTunedDevice, type TunedDevice } from "./tuning/open.js";
export type { TuneOptions, Tuner } from "./tuning/tuner.js";
