/**
 * The life of one GPU device: alive until destroyed, lost, or failed. Dawn says nothing when a call reaches a device that is
 * gone, so the flag is kept here and everything asks it first.
 *
 * An error that WebGPU reports outside of an error scope is a bug of ours or memory that ran out. Results after it cannot
 * be trusted, so it ends the device: whoever drives it sees `lost` settle and the next call fail, with the GPU's words.
 */
import { DawnpourError } from "../../error.js";
import { DeviceLimitError, type DeviceLoss, DeviceLostError } from "../device.js";

const SCOPES = ["validation", "out-of-memory", "internal"] as const;

export class GpuContext {
  readonly device: GPUDevice;
  readonly name: string;
  readonly lost: Promise<DeviceLoss>;
  #loss: DeviceLoss | undefined;
  #settle: (loss: DeviceLoss) => void = () => {};

  constructor(device: GPUDevice, name: string) {
    this.device = device;
    this.name = name;
    this.lost = new Promise((resolve) => {
      this.#settle = resolve;
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.fail(event.error.message);
    });
    device.lost.then(({ reason, message }) => {
      this.#lose({ reason: reason === "destroyed" ? "destroyed" : "lost", message });
    });
  }

  /** The error that every call on a lost device fails with, or undefined while it is alive. */
  get lostError(): DeviceLostError | undefined {
    if (!this.#loss) return undefined;
    const { reason, message } = this.#loss;
    return reason === "destroyed"
      ? new DeviceLostError(`device ${this.name} was destroyed; open it again to go on`)
      : new DeviceLostError(`device ${this.name} was lost: ${oneLine(message)}; open it again to go on`);
  }

  /** @throws DeviceLostError */
  checkAlive(): void {
    const error = this.lostError;
    if (error) throw error;
  }

  destroy(): void {
    this.#lose({ reason: "destroyed", message: "destroy() was called" });
    this.device.destroy();
  }

  /**
   * Ends a device that reported an error. The GPU's own object stays until `destroy`: Dawn deadlocks when it is destroyed
   * from within the report.
   */
  fail(message: string): void {
    this.#lose({ reason: "lost", message: oneLine(message) });
  }

  /**
   * Waits for the GPU. A promise of WebGPU that is ours rejects only because the device is gone.
   * @throws DeviceLostError also when the device is lost meanwhile
   */
  async wait<T>(promise: Promise<T>): Promise<T> {
    try {
      const value = await promise;
      this.checkAlive();
      return value;
    } catch (error) {
      if (!this.#loss) this.fail(String(error));
      throw this.lostError;
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

  #lose(loss: DeviceLoss): void {
    if (this.#loss) return;
    this.#loss = loss;
    this.#settle(loss);
  }
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").trim();
}
