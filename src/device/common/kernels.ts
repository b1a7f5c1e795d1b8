/**
 * Which ops a device has kernels for. The library has a kernel for each of its own ops, activations, losses and update rules.
 * What a user defines has a reference function, and no kernel.
 */
import { isUserName } from "../../definitions.js";
import { UsageError } from "../../error.js";
import { ops } from "../../program/op.js";
import type { Program } from "../../program/program.js";
import type { DeviceInfo } from "../device.js";

/** @throws UsageError that names the device and the op, when there is an op that it has no kernel for */
export function checkKernels({ kind, name }: DeviceInfo, program: Program): void {
  for (const [i, op] of program.ops.entries()) {
    const functions = ops.get(op.kind).functions?.(op) ?? [];
    const missing = [{ what: "op", name: op.kind }, ...functions].find((named) => isUserName(named.name));
    if (missing) {
      throw new UsageError(
        `${program.name}, op ${i}, ${op.kind}: ${kind} device ${name} has no kernel for ${missing.what} "${missing.name}"; use the reference device`,
      );
    }
  }
}
