/** A device that reports which rows its programs gather. */
import type { Device, DeviceBuffer, DeviceInfo, Executable } from "../../src/device/device.js";
import { ending } from "../support/ending.js";

/** @param onRows called with every batch of row numbers that is written to a program */
export function witness(device: Device, info: Partial<DeviceInfo>, onRows: (rows: Uint32Array) => void): Device {
  return {
    info: { ...device.info, ...info },
    lost: device.lost,
    createBuffer: (type, length, label) => device.createBuffer(type, length, label),
    compile: async (program, bindings) => watched(await device.compile(program, bindings), onRows),
    idle: () => device.idle(),
    ...ending(() => device.destroy()),
  };
}

function watched(executable: Executable, onRows: (rows: Uint32Array) => void): Executable {
  const buffer = (name: string): DeviceBuffer =>
    name === "rows" ? seen(executable.buffer(name), onRows) : executable.buffer(name);
  return {
    program: executable.program,
    buffer: buffer as Executable["buffer"],
    run: (times) => executable.run(times),
    ...ending(() => executable.destroy()),
  };
}

function seen(buffer: DeviceBuffer, onRows: (rows: Uint32Array) => void): DeviceBuffer {
  return {
    type: buffer.type,
    length: buffer.length,
    label: buffer.label,
    write: (data, offset) => {
      onRows(Uint32Array.from(data));
      buffer.write(data, offset);
    },
    readInto: (out, offset) => buffer.readInto(out, offset),
    read: (offset, length) => buffer.read(offset, length),
    ...ending(() => buffer.destroy()),
  };
}
