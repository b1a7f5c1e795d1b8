/**
 * For a browser, `dawnpour/webgpu`: devices, programs, models and trainers without anything of Node, the shaders inside. What
 * it computes has the bits of Node on the same adapter.
 */
export { modelTensors, parametersDigest as parametersSha256 } from "./checkpoint/model-tensors.js";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./checkpoint/safetensors.js";
export type { NamedTensor, Tensor, TensorType } from "./checkpoint/tensor.js";
export type { Dataset, Split } from "./data/dataset.js";
export { type DigitsOptions, digitsDataset } from "./data/digits/dataset.js";
export { Sampler, type SamplerOptions } from "./data/sampler.js";
export * from "./device/device.js";
export { type BrowserDeviceOptions, openBrowserDevice as openDevice } from "./device/webgpu/browser.js";
export { DataError, DawnpourError, UsageError } from "./error.js";
export { Autoencoder, type AutoencoderConfig } from "./model/autoencoder.js";
export { Inference } from "./model/inference.js";
export { type Initialiser, initialisers } from "./model/initialiser.js";
export { defaultOptimizer, type OptimizerConfig } from "./optimizer/optimizer.js";
export { DEFAULT_SCHEDULE, type Schedule, schedules } from "./optimizer/schedule.js";
export * from "./program/buffer.js";
export { ProgramError } from "./program/check.js";
export { type By, type DifferentiateOptions, differentiate } from "./program/differentiate.js";
export { fromFloat16Array, toFloat16Array } from "./program/float16.js";
export { fromFloats, type NarrowFloat, toFloats } from "./program/narrow-float.js";
export * from "./program/op.js";
export { type Program, ProgramBuilder } from "./program/program.js";
export { type Evaluation, evaluate } from "./training/evaluate.js";
export { Trainer, type TrainerOptions, type TrainerState } from "./training/trainer.js";
export { weightsFrom } from "./training/weights.js";
export { Random } from "./world/random.js";
