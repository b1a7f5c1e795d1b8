/** What every device has: programs, their views and gradients, buffers, and how devices fail. */
export {
  type Bindings,
  type Device,
  type DeviceBuffer,
  type DeviceInfo,
  type DeviceKind,
  DeviceLimitError,
  type DeviceLoss,
  DeviceLostError,
  type Executable,
  NoDeviceError,
} from "../device/device.js";
export {
  ALIGNMENT,
  align,
  type BufferDeclaration,
  BYTES_PER_ELEMENT,
  type ElementType,
  type Float,
  slice,
  type TypedArray,
  type TypedArrays,
  type View,
} from "../program/buffer.js";
export { ProgramError } from "../program/check.js";
export { type By, type DifferentiateOptions, differentiate } from "../program/differentiate.js";
export { fromFloat16Array, toFloat16Array } from "../program/float16.js";
export { fromFloats, type NarrowFloat, toFloats } from "../program/narrow-float.js";
export { type Program, ProgramBuilder } from "../program/program.js";
export * as definitions from "./definitions.js";
export type * as ops from "./ops.js";
export * as steps from "./steps.js";
