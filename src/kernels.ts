/**
 * The low level, `dawnpour/kernels`: devices, programs, ops, and benchmarks of them. It is for applications that have a trainer
 * of their own, and for measuring kernels.
 */
export { checkGradient, type GradientCheckOptions } from "./device/check/check-gradient.js";
export { checkOp, type Deviation } from "./device/check/check-op.js";
export { findNonFinite, type NonFinite } from "./device/check/find-non-finite.js";
export type { Arithmetic } from "./device/cpu/arithmetic.js";
export { type DeviceChoice, type DeviceListing, listDevices, type OpenOptions, openDevice } from "./device/open.js";
export {
  type Environment,
  type PhysicalDevice,
  type PhysicalKind,
  physicalDevices,
  physicalEnvironment,
} from "./device/physical.js";
export * as benchmarks from "./faces/benchmarks.js";
export * from "./faces/models.js";
export * from "./faces/programs.js";
export type { GemmTuning, TuningEvent, TuningObserver } from "./tuning/event.js";
export { openTunedDevice, type TunedDevice } from "./tuning/open.js";
export type { TuneOptions, Tuner } from "./tuning/tuner.js";
