/** Benchmarks: products of matrices, whole training steps, and your own programs. */
export { benchmarkGemm as gemm, type GemmResult } from "../benchmark/gemm.js";
export { defaultShapes, type GemmShape, parseShapes } from "../benchmark/gemm-shapes.js";
export { type BenchmarkOptions, measure, type Timing } from "../benchmark/measure.js";
export { benchmarkStep as step, STEP_SHAPES, type StepResult, type StepShape } from "../benchmark/step.js";
export { type Cost, costOf, type OpCost, type ProgramCost } from "../device/cost/cost.js";
