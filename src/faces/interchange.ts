/** Weights in files: safetensors, which Python reads too, ONNX, and the tensors of PyTorch modules. */
export { modelTensors } from "../checkpoint/model-tensors.js";
export { decodeSafetensors, encodeSafetensors, type Metadata, type Safetensors } from "../checkpoint/safetensors.js";
export { readSafetensors, writeSafetensors } from "../checkpoint/safetensors-file.js";
export type { NamedTensor, Tensor, TensorNumbers, TensorType } from "../checkpoint/tensor.js";
export { encodeOnnx } from "../export/onnx.js";
export { torchTensors } from "../export/pytorch.js";
export { weightsFrom } from "../training/weights.js";
