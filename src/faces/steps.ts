/**
 * The programs of an autoencoder's training step, for your own trainers: the gradient of a batch, the update by it, and the
 * scalars that the caller writes for each step.
 */
export {
  type GradientOptions,
  type GradientProgramOptions,
  gradientOps,
  gradientProgram,
  type Source,
  stateBuffers,
  type TrainingProgramOptions,
  trainingProgram,
  type UpdateOptions,
  updateOps,
  updateProgram,
} from "../model/lower.js";
export { updateRule, writeScalars } from "../optimizer/optimizer.js";
export { rateFactor } from "../optimizer/schedule.js";
export { FIRST_GUARD, FIRST_LOSS_SCALE, UPDATE_SCALARS } from "../program/op.js";
