/** How fast a device is: the roofline of one that is not here (Williams, Waterman & Patterson 2009). */
import { z } from "zod";
import { costOf } from "../device/cost/cost.js";
import { DataError, messageOf } from "../error.js";
import type { Program } from "../program/program.js";

const positive = z.number().positive();

const schema = z.strictObject({
  name: z.string().min(1),
  /** Arithmetic a second that products reach. */
  flops: positive,
  /** Bytes of memory a second. */
  bytesPerSecond: positive,
  /** Seconds that each op takes at least: its launch. */
  secondsPerOp: z.number().min(0).default(0),
});

export type DeviceModel = z.output<typeof schema>;

/** One core of a server: the default. */
export const CORE: DeviceModel = { name: "one CPU core", flops: 1e11, bytesPerSecond: 1e10, secondsPerOp: 1e-6 };

/** @param where for errors: the file. @throws DataError */
export function parseDeviceModel(text: string, where: string): DeviceModel {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${where} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new DataError(
    `${where}: ${path.join(".") || "the device model"}: ${message}; it has name, flops, bytesPerSecond and secondsPerOp`,
  );
}

/** Seconds of one run of a program: each op takes as long as its arithmetic or its bytes, whichever is more. */
export function secondsOf(program: Program, { flops, bytesPerSecond, secondsPerOp }: DeviceModel): number {
  return costOf(program).perOp.reduce((sum, op) => {
    const bytes = op.bytesRead + op.bytesWritten;
    return sum + secondsPerOp + Math.max(op.flops / flops, bytes / bytesPerSecond);
  }, 0);
}
