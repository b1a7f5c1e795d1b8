/**
 * All-reduce of a shared lease on a device's stream: the barrier is enqueued after the part, and the sum after the barrier,
 * without a return to the event loop. Only the device's own threads work.
 */
import type { DeviceBuffer } from "../device/device.js";
import type { BarrierRound, Contribution } from "./barrier.js";
import type { Collective } from "./collective.js";

export interface StreamCollective {
  readonly collective: Collective;
  /**
   * As `Barrier.meet`. It is enough that `own` and `loss` are enqueued before. While the device waits for the other workers it does
   * nothing else, and it keeps its process alive.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    notice: { readonly loss: DeviceBuffer<"f32">; readonly isLast: boolean },
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
