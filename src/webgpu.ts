/**
 * For a browser, `dawnpour/webgpu`: devices, programs, models, trainers, and `fit` with its layers, losses and optimizers. It imports no module of Node and contains the
 * shaders. Results have the same bits as in Node on the same adapter.
 */
import { openBrowserDevice } from "./device/webgpu/browser.js";
import { fitWith } from "./training/fit/fit.js";

export { modelTensors, parametersDigest as parametersSha256 } from "./checkpoint/model-tensors.js";
export { decodeSafetensors, encodeSafetensors, type Metadata, type Safetensors } from "./checkpoint/safetensors.js";
export type { NamedTensor, Tensor, TensorNumbers, TensorType } from "./checkpoint/tensor.js";
export { type BrowserDeviceOptions, openBrowserDevice as openDevice } from "./device/webgpu/browser.js";
export * as data from "./faces/data.js";
export * as layers from "./faces/layers.js";
export * as losses from "./faces/losses.js";
export * from "./faces/models.js";
export * as optimizers from "./faces/optimizers.js";
export * from "./faces/programs.js";
export * as schedules from "./faces/schedules.js";
export { Inference } from "./model/inference.js";
export type { Fit, FitResult } from "./training/fit/fit.js";
export type { FitData } from "./training/fit/fit-data.js";
export type { FitEpoch, FitEvent } from "./training/fit/fit-event.js";
export type { EarlyStopping, FitOptions } from "./training/fit/fit-options.js";
export type { FittedModel, ModelVectors } from "./training/fit/fitted-model.js";
export type { ModelMetrics } from "./training/fit/model-evaluation.js";
export { weightsFrom } from "./training/weights.js";

/** Fits a model to rows in memory: see `Fit`. By default on the GPU of the page. */
export const fit = fitWith(() => openBrowserDevice());
