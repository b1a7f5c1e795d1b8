/** The layers, a file each: functions that return one. */
export { activation } from "./activation.js";
export { type BatchNormOptions, batchNorm } from "./batch-norm.js";
export { type DenseOptions, dense } from "./dense.js";
export { dropout } from "./dropout.js";
export { type GaussianSamplerOptions, gaussianSampler } from "./gaussian-sampler.js";
export { layerNorm } from "./layer-norm.js";
export { gaussianNoise, maskingNoise } from "./noise.js";
export { residual } from "./residual.js";
export { sequential } from "./sequential.js";
export { klSparsity, l1Sparsity } from "./sparsity.js";
export { type TiedDenseOptions, tiedDense } from "./tied-dense.js";
