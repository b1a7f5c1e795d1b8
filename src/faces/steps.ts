/**
 * The programs of an autoencoder's training step, for your own trainers: the gradient of a batch, the update by it, and the
 * scalars that the caller writes for each step.
 */
export {
  type GradientOptions,
  gradientOps,
  type Source,
  stateBuffers,
  type TrainingProgramOptions,
  trainingProgram,
  type UpdateOptions,
  updateOps,
} from "../model/lower.js";
export { type GradientProgramOptions, gradientProgram, updateProgram } from "../model/part-programs.js";
export { updateRule, writeScalars } from "../optimizer/optimizer.js";
export { rateFactor } from "../optimizer/schedule.js";
export { FIRST_GUARD, FIRST_LOSS_SCALE, UPDATE_SCALARS } from "../program/op.js";
