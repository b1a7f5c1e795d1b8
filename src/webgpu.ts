/**
 * For a browser, `dawnpour/webgpu`: devices, programs, models and trainers. It imports no module of Node and contains the
 * shaders. Results have the same bits as in Node on the same adapter.
 */
export { modelTensors, parametersDigest as parametersSha256 } from "./checkpoint/model-tensors.js";
export { decodeSafetensors, encodeSafetensors, type Metadata, type Safetensors } from "./checkpoint/safetensors.js";
export type { NamedTensor, Tensor, TensorNumbers, TensorType } from "./checkpoint/tensor.js";
export { type BrowserDeviceOptions, openBrowserDevice as openDevice } from "./device/webgpu/browser.js";
export * as data from "./faces/data.js";
export * from "./faces/models.js";
export * from "./faces/programs.js";
export { Inference } from "./model/inference.js";
export { weightsFrom } from "./training/weights.js";
