/** What the learners on a device share: the program of an update, and gradients in the memory of this process. */
import { type Device, type DeviceBuffer, f32Buffer } from "../device/device.js";
import { DawnpourError } from "../error.js";
import type { HostProgram } from "../tensors/host-program.js";

export abstract class DeviceLearner {
  abstract readonly state: readonly string[];
  protected readonly device: Device;
  /** A step of the optimizer. It holds the state. */
  protected readonly updating: HostProgram;

  protected constructor(device: Device, updating: HostProgram) {
    this.device = device;
    this.updating = updating;
  }

  async gradientInPlace(rows: Uint32Array, out: Float32Array): Promise<number> {
    const [loss] = await (await this.prepare(rows, out)).runInto(out, "total");
    return loss;
  }

  async enqueueGradient(rows: Uint32Array, out: Float32Array): Promise<DeviceBuffer<"f32">> {
    return (await this.prepare(rows, out)).enqueueInto(out, "total");
  }

  async updateInPlace(gradient: Float32Array, step: number): Promise<void> {
    this.prepareUpdate(step);
    await this.updating.runFrom(gradient);
  }

  idle(): Promise<void> {
    return this.device.idle();
  }

  /** The program of a gradient, with its rows. */
  protected abstract prepare(rows: Uint32Array, out: Float32Array): Promise<HostProgram>;

  /** Writes what an update needs besides the gradient. */
  protected abstract prepareUpdate(step: number): void;

  protected buffer(name: string): DeviceBuffer<"f32"> {
    if (this.state.includes(name)) return f32Buffer(this.updating.base, name);
    throw new DawnpourError(`a learner has no vector "${name}": it has ${this.state.join(", ")}`);
  }
}

/** The rows of each of `count` steps on as many rows. @throws DawnpourError unless all have as many */
export function rowsOfStep(count: number, rows: Uint32Array): number {
  const batch = rows.length / count;
  if (Number.isSafeInteger(batch) && batch >= 1) return batch;
  throw new DawnpourError(
    `${count} steps on ${rows.length} rows: give each step the same number of rows, at least one`,
  );
}
