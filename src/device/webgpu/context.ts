/**
 * What all objects of one GPU device share and keep alive: the GPUDevice, and its life. Dawn reports no error when a call reaches
 * a device that is gone, so every call checks first that the device is alive.
 *
 * When WebGPU reports an error outside of an error scope, either Dawnpour has a bug or the memory ran out. Results after such an
 * error are not reliable, so it ends the device: `lost` settles, and the next call fails with the message of the GPU.
 */
import { DawnpourError } from "../../error.js";
import { Life, oneLine } from "../common/life.js";
import { DeviceLimitError } from "../device.js";

const SCOPES = ["validation", "out-of-memory", "internal"] as const;

export class GpuContext {
  readonly device: GPUDevice;
  readonly name: string;
  readonly life: Life;

  constructor(device: GPUDevice, name: string) {
    this.device = device;
    this.name = name;
    this.life = new Life(name);
    follow(device, this.life);
  }

  /** @throws DeviceLostError */
  checkAlive(): void {
    this.life.check();
  }

  destroy(): void {
    this.life.end({ reason: "destroyed", message: "destroy() was called" });
    this.device.destroy();
  }

  /**
   * Waits for a promise of WebGPU. The promises that Dawnpour waits for reject only when the device is gone.
   * @throws DeviceLostError when the device is gone, or is lost before the promise settles
   */
  async wait<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      this.life.end({ reason: "lost", message: String(error) });
      throw error;
    } finally {
      this.checkAlive();
    }
  }

  /** Runs `make`, which must be synchronous, and rejects with the error that WebGPU reports for it. */
  async scoped<T>(what: string, make: () => T): Promise<T> {
    this.checkAlive();
    for (const scope of SCOPES) this.device.pushErrorScope(scope);
    const made = make();
    const errors = await this.wait(Promise.all(SCOPES.map(() => this.device.popErrorScope())));
    // Error scopes are a stack: the last one pushed is the first one popped.
    const [internal, memory, validation] = errors;
    if (memory) throw new DeviceLimitError(`${what}: device ${this.name} is out of memory: ${oneLine(memory.message)}`);
    const error = validation ?? internal;
    if (error) throw new DawnpourError(`${what}: rejected by device ${this.name}: ${oneLine(error.message)}`);
    return made;
  }
}

/**
 * Ends `life` when the device is lost, and when the device reports an error. The GPUDevice itself stays until `destroy`: Dawn would
 * deadlock if the callback of a report destroyed it.
 */
function follow(device: GPUDevice, life: Life): void {
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    life.end({ reason: "lost", message: event.error.message });
  });
  device.lost.then(({ reason, message }) => {
    life.end({ reason: reason === "destroyed" ? "destroyed" : "lost", message });
  });
}
