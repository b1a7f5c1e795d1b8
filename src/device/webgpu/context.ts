/**
 * What everything of one GPU device shares and keeps alive: the GPU's own object, and whether it is still there. Dawn says
 * nothing when a call reaches a device that is gone, so everything asks first.
 *
 * An error that WebGPU reports outside of an error scope is a bug of ours or memory that ran out. Results after it cannot
 * be trusted, so it ends the device: `lost` settles and the next call fails, with the GPU's words.
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
   * Waits for the GPU. A promise of WebGPU that is ours rejects only because the device is gone.
   * @throws DeviceLostError also when the device is lost meanwhile
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

  /** Runs `make`, which must be synchronous, and rejects with what the GPU has against it. */
  async scoped<T>(what: string, make: () => T): Promise<T> {
    this.checkAlive();
    for (const scope of SCOPES) this.device.pushErrorScope(scope);
    const made = make();
    const errors = await this.wait(Promise.all(SCOPES.map(() => this.device.popErrorScope())));
    // Popped in the opposite order.
    const [internal, memory, validation] = errors;
    if (memory) throw new DeviceLimitError(`${what}: device ${this.name} is out of memory: ${oneLine(memory.message)}`);
    const error = validation ?? internal;
    if (error) throw new DawnpourError(`${what}: rejected by device ${this.name}: ${oneLine(error.message)}`);
    return made;
  }
}

/**
 * Ends `life` with the device, and when the device reports an error. The GPU's own object stays until `destroy`: Dawn deadlocks
 * when it is destroyed from within the report.
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
