/** Autoencoders, the trainer of one device, and the configurations of both. */
export { DataError, DawnpourError, UsageError } from "../error.js";
export { Autoencoder, type AutoencoderConfig } from "../model/autoencoder.js";
export type { Dense } from "../model/dense.js";
export type { Initialiser } from "../model/initialiser.js";
export type { ParameterLayout, Tensor as ParameterTensor } from "../model/layout.js";
export { defaultOptimizer, type OptimizerConfig, type OptimizerName } from "../optimizer/optimizer.js";
export { DEFAULT_SCHEDULE, type Schedule, type ScheduleName } from "../optimizer/schedule.js";
export {
  type Evaluation,
  evaluate,
  type ModelEvaluation,
  type ReconstructionEvaluation,
} from "../training/evaluate.js";
export { Trainer, type TrainerOptions, type TrainerState } from "../training/trainer.js";
export { Random } from "../world/random.js";
