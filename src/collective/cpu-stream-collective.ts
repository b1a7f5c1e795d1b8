/** The collective on the stream of a CPU device. */
import { CpuBuffer } from "../device/cpu/cpu-buffer.js";
import { CpuDevice } from "../device/cpu/cpu-device.js";
import type { Engine } from "../device/cpu/engine.js";
import type { Device } from "../device/device.js";
import { DawnpourError } from "../error.js";
import type { NativeBarrier } from "./native-barrier.js";
import { CoreCollective, collectiveCore } from "./native-core.js";
import type { StreamCollective } from "./stream-collective.js";

/** @returns undefined for other devices */
export function cpuStreamCollective(device: Device, barrier: NativeBarrier): StreamCollective | undefined {
  if (!(device instanceof CpuDevice)) return undefined;
  return {
    collective: new OrderedCollective(device.engine),
    meet(point, own, { loss, isLast }, milliseconds) {
      if (!(loss instanceof CpuBuffer)) throw new DawnpourError("Invariant violation: a loss on another device");
      return barrier.meetInOrder(point, own, { loss, isLast }, milliseconds);
    },
  };
}

/** The tree sum of the native core, on the threads of a device. */
export class OrderedCollective extends CoreCollective {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    super();
    this.#engine = engine;
  }

  protected async add(
    parts: readonly Float32Array[],
    out: Float32Array | undefined,
    found: BigUint64Array,
  ): Promise<void> {
    const { handle } = this.#engine;
    await this.#engine.finish(collectiveCore().sumInOrder(handle, parts, out, found));
  }
}
