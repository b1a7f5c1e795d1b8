/**
 * Which ops a device has kernels for. The library has a kernel for each of its own ops, activations, losses and update rules. What a
 * user defines brings its own kernel. On a CPU device its reference function takes the place of one.
 */
import { isUserName } from "../../definitions.js";
import { UsageError } from "../../error.js";
import { ops } from "../../program/op.js";
import type { Program } from "../../program/program.js";
import type { DeviceInfo } from "../device.js";

/** @throws UsageError that names the device and the op, when there is an op for which a WebGPU device has no kernel */
export function checkKernels({ name }: DeviceInfo, program: Program): void {
  for (const [i, op] of program.ops.entries()) {
    const where = `${program.name}, op ${i}, ${op.kind}: webgpu device ${name} has no kernel for`;
    const { functions, wgsl } = ops.get(op.kind);
    const named = functions?.(op).find((one) => isUserName(one.name));
    if (named) {
      throw new UsageError(
        `${where} ${named.what} "${named.name}"; write it as the formula of a map, or use the CPU device`,
      );
    }
    if (isUserName(op.kind) && !wgsl) {
      throw new UsageError(`${where} op "${op.kind}"; give its definition \`wgsl\`, or use the CPU device`);
    }
  }
}
