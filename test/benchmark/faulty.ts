/** A device that computes wrong results. */
import type { Device } from "../../src/device/device.js";
import type { Op } from "../../src/program/op.js";
import { ending } from "../support/ending.js";

export function faulty(device: Device, change: (op: Op) => Op): Device {
  return {
    info: device.info,
    lost: device.lost,
    createBuffer: (type, length, label) => device.createBuffer(type, length, label),
    compile: (program, bindings) => device.compile({ ...program, ops: program.ops.map(change) }, bindings),
    idle: () => device.idle(),
    ...ending(() => device.destroy()),
  };
}
